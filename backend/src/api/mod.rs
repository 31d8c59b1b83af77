//! HTTP: one file per verb, extract → service → wire. `/openapi.json` is generated from these files.

pub mod account_list;
pub mod account_renew;
pub mod account_request;
pub mod account_revoke;
pub mod account_rotate;
pub mod application_list;
pub mod audit_list;
pub mod button_ask;
pub mod button_press;
pub mod card_put;
pub mod cards_behind;
pub mod cluster_build;
pub mod cluster_check;
pub mod cluster_draft_change;
pub mod cluster_draft_file;
pub mod cluster_draft_make;
pub mod cluster_draft_picture;
pub mod cluster_draft_remove;
pub mod cluster_draft_show;
pub mod database_request;
pub mod delegate_add;
pub mod delegate_end;
pub mod delegate_list;
pub mod emergency_list;
pub mod emergency_off;
pub mod emergency_on;
pub mod emergency_review;
pub mod freeze_list;
pub mod freeze_off;
pub mod freeze_on;
pub mod group_history;
pub mod group_list;
pub mod group_picture;
pub mod group_show;
pub mod group_topology;
pub mod health;
pub mod host_list;
pub mod link;
pub mod live;
pub mod me;
pub mod metrics;
pub mod notice_press;
pub mod notice_put;
pub mod notices_behind;
pub mod package_list;
pub mod parameter_list;
pub mod part_list;
pub mod queue_show;
pub mod restore_file;
pub mod restore_rows;
pub mod review_make;
pub mod rule_list;
pub mod rule_show;
pub mod schedule_add;
pub mod schedule_list;
pub mod schedule_pause;
pub mod schedule_remove;
pub mod schedule_resume;
pub mod script_list;
pub mod script_run;
pub mod script_show;
pub mod task_list;
pub mod task_log;
pub mod task_show;
pub mod ticket_amend;
pub mod ticket_approve;
pub mod ticket_artifacts;
pub mod ticket_cancel;
pub mod ticket_collect;
pub mod ticket_cut_over;
pub mod ticket_events;
pub mod ticket_fix;
pub mod ticket_hold_cut_over;
pub mod ticket_list;
pub mod ticket_log;
pub mod ticket_pause;
pub mod ticket_prioritise;
pub mod ticket_reject;
pub mod ticket_renew;
pub mod ticket_resume;
pub mod ticket_retry;
pub mod ticket_run;
pub mod ticket_send_to_dba;
pub mod ticket_show;
pub mod ticket_skip;
pub mod ticket_submit;
pub mod ticket_throttle;
pub mod ticket_undo;
pub mod ticket_withdraw;
pub mod token_create;
pub mod token_list;
pub mod token_revoke;
pub mod unlink;
pub mod workflow_file;

pub mod access;
mod admit;
mod bearer;
mod explain;
mod extract;
mod posted;
mod rate;
mod read_json;

use self::admit::Gate;
use crate::{desk::Desk, service::Failure};
use axum::{Json, Router, middleware, routing::get};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "dbdesk",
        description = "The desk where DBAs serve developers. Every POST takes an `Idempotency-Key`: the same key with the same body is \
                       done once and answered alike for 24 hours. A token is for some things only (`read`, `file`, `decide`, `steer`, `account`, \
                       `admin`), perhaps on some service groups only, and asks at most so often (429, `Retry-After`). Errors are RFC 9457 problem documents with a stable `code`, in the \
                       language of `Accept-Language`."
    ),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
struct Described;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "`dbdesk token create`. The bot's own token acts only as the person mapped to `X-Dbdesk-Act-As: discord:<id>`.",
            ))
            .build();
        api.components
            .get_or_insert_with(Default::default)
            .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

fn routes() -> OpenApiRouter<Arc<Desk>> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(review_make::review_make))
        .routes(routes!(rule_list::rule_list))
        .routes(routes!(rule_show::rule_show))
        .routes(routes!(ticket_submit::ticket_submit, ticket_list::ticket_list))
        .routes(routes!(ticket_show::ticket_show))
        .routes(routes!(ticket_approve::ticket_approve))
        .routes(routes!(ticket_reject::ticket_reject))
        .routes(routes!(ticket_send_to_dba::ticket_send_to_dba))
        .routes(routes!(ticket_amend::ticket_amend))
        .routes(routes!(ticket_fix::ticket_fix))
        .routes(routes!(ticket_withdraw::ticket_withdraw))
        .routes(routes!(ticket_run::ticket_run))
        .routes(routes!(ticket_pause::ticket_pause))
        .routes(routes!(ticket_resume::ticket_resume))
        .routes(routes!(ticket_cancel::ticket_cancel))
        .routes(routes!(ticket_throttle::ticket_throttle))
        .routes(routes!(ticket_hold_cut_over::ticket_hold_cut_over))
        .routes(routes!(ticket_cut_over::ticket_cut_over))
        .routes(routes!(ticket_retry::ticket_retry))
        .routes(routes!(ticket_skip::ticket_skip))
        .routes(routes!(ticket_prioritise::ticket_prioritise))
        .routes(routes!(ticket_undo::ticket_undo))
        .routes(routes!(ticket_collect::ticket_collect))
        .routes(routes!(ticket_renew::ticket_renew))
        .routes(routes!(account_request::account_request, account_list::account_list))
        .routes(routes!(account_renew::account_renew))
        .routes(routes!(account_rotate::account_rotate))
        .routes(routes!(account_revoke::account_revoke))
        .routes(routes!(database_request::database_request))
        .routes(routes!(application_list::application_list))
        .routes(routes!(script_list::script_list))
        .routes(routes!(script_show::script_show))
        .routes(routes!(script_run::script_run))
        .routes(routes!(ticket_artifacts::ticket_artifacts))
        .routes(routes!(ticket_log::ticket_log))
        .routes(routes!(ticket_events::ticket_events))
        .routes(routes!(card_put::card_put))
        .routes(routes!(cards_behind::cards_behind))
        .routes(routes!(live::live))
        .routes(routes!(button_ask::button_ask))
        .routes(routes!(button_press::button_press))
        .routes(routes!(group_list::group_list))
        .routes(routes!(group_show::group_show))
        .routes(routes!(group_topology::group_topology))
        .routes(routes!(part_list::part_list))
        .routes(routes!(parameter_list::parameter_list))
        .routes(routes!(workflow_file::workflow_file))
        .routes(routes!(group_history::group_history))
        .routes(routes!(group_picture::group_picture))
        .routes(routes!(package_list::package_list))
        .routes(routes!(host_list::host_list))
        .routes(routes!(cluster_build::cluster_build))
        .routes(routes!(cluster_check::cluster_check))
        .routes(routes!(cluster_draft_make::cluster_draft_make))
        .routes(routes!(
            cluster_draft_show::cluster_draft_show,
            cluster_draft_change::cluster_draft_change,
            cluster_draft_remove::cluster_draft_remove
        ))
        .routes(routes!(cluster_draft_picture::cluster_draft_picture))
        .routes(routes!(cluster_draft_file::cluster_draft_file))
        .routes(routes!(task_list::task_list))
        .routes(routes!(task_show::task_show))
        .routes(routes!(task_log::task_log))
        .routes(routes!(queue_show::queue_show))
        .routes(routes!(freeze_on::freeze_on, freeze_list::freeze_list))
        .routes(routes!(freeze_off::freeze_off))
        .routes(routes!(schedule_add::schedule_add, schedule_list::schedule_list))
        .routes(routes!(schedule_pause::schedule_pause))
        .routes(routes!(schedule_resume::schedule_resume))
        .routes(routes!(schedule_remove::schedule_remove))
        .routes(routes!(restore_rows::restore_rows))
        .routes(routes!(restore_file::restore_file))
        .routes(routes!(emergency_on::emergency_on, emergency_list::emergency_list))
        .routes(routes!(emergency_off::emergency_off))
        .routes(routes!(emergency_review::emergency_review))
        .routes(routes!(delegate_add::delegate_add, delegate_list::delegate_list))
        .routes(routes!(delegate_end::delegate_end))
        .routes(routes!(notices_behind::notices_behind))
        .routes(routes!(notice_put::notice_put))
        .routes(routes!(notice_press::notice_press))
        .routes(routes!(link::link))
        .routes(routes!(unlink::unlink))
        .routes(routes!(token_create::token_create, token_list::token_list))
        .routes(routes!(token_revoke::token_revoke))
        .routes(routes!(audit_list::audit_list))
        .routes(routes!(me::me))
        .routes(routes!(health::health))
        .routes(routes!(metrics::metrics))
}

/// The document of the whole API (OpenAPI 3.1).
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    described().1
}

/// For [`routes`]: what derives write for the document takes more than a megabyte of stack in a debug build.
const STACK_BYTES: usize = 16 * 1024 * 1024;

fn described() -> (Router<Arc<Desk>>, utoipa::openapi::OpenApi) {
    let built = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(|| routes().split_for_parts());
    match built.map(std::thread::JoinHandle::join) {
        Ok(Ok(parts)) => parts,
        // There is no thread to be had; this one may have room enough.
        _ => routes().split_for_parts(),
    }
}

/// The API; whoever serves it says from where a request comes (`ConnectInfo`). Whatever goes wrong inside, also a panic, comes out as a problem document.
pub fn router(desk: Arc<Desk>) -> Router {
    let (router, document) = described();
    router
        .route("/openapi.json", get(move || async move { Json(document) }))
        .route_layer(middleware::from_fn_with_state(Arc::new(Gate::new(&desk)), admit::admit))
        .fallback(explain::unknown_path)
        .method_not_allowed_fallback(explain::wrong_method)
        .layer(CatchPanicLayer::custom(|_| {
            axum::response::IntoResponse::into_response(Failure::Fault(anyhow::anyhow!("a panic")))
        }))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), explain::explain))
        .with_state(desk)
}
