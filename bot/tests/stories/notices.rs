//! What the desk says in chat that is no ticket.

use crate::{
    desk::{now, person},
    stage::{Stage, eventually},
};
use dbdesk_commands::{
    id::{ButtonId, NoticeId},
    lang::Lang,
    wire::notice::{NoticeBehind, NoticeButton, NoticeChannel, NoticeContent, NoticeVerb},
};
use discord_sim::seed::MEI;

fn asked(id: u64) -> NoticeBehind {
    let button = |verb: NoticeVerb| NoticeButton { id: ButtonId(format!("{}-{id}", verb.word())), verb };
    NoticeBehind {
        id: NoticeId(id),
        channel: NoticeChannel::Admins,
        lang: Lang::En,
        version: 1,
        content: NoticeContent::LinkAsked {
            discord_id: "418273645512002001".to_owned(),
            name: "ann @everyone".to_owned(),
            lapses_at: now(),
            admins: vec![person(MEI)],
            obstacle: None,
            first: None,
            outcome: None,
        },
        buttons: NoticeVerb::OF_LINK.map(button).to_vec(),
        place: None,
    }
}

fn told(stage: &Stage, id: u64, version: u64) -> bool {
    let place = stage.double.world().notices.get(&id).and_then(|notice| notice.place.clone());
    place.is_some_and(|place| place.told_version == version)
}

fn posts(stage: &Stage) -> usize {
    stage.tickets().messages().len()
}

#[tokio::test]
async fn a_notice_is_posted_once_pressed_by_who_may_and_edited() {
    let stage = Stage::set().await;
    stage.double.notices(asked(7));
    let card = stage.tickets().wait_for("N-7 · Who is this?").await.unwrap();
    assert_eq!(card.labels(), ["Confirm", "Refuse"]);
    insta::assert_snapshot!(card.to_string());
    let refused = stage.ann().presses(&card, "Confirm").await.unwrap().ephemeral().unwrap();
    assert!(refused.contains("Only an admin may."), "{refused}");
    let mei = stage.sim.person("mei");
    let done = mei.presses(&card, "Confirm").await.unwrap().ephemeral().unwrap();
    assert!(done.contains("现在就是工单台的"), "{done}");
    let card = stage.sim.shows(&card, "N-7 · Linked").await.unwrap();
    assert!(card.labels().is_empty(), "{card}");
    let guessed = stage.ann().presses_id(&card, "notice:AAAA").await.unwrap().ephemeral().unwrap();
    assert!(guessed.contains("It is of no notice."), "{guessed}");
    eventually("it to be recorded", || told(&stage, 7, 2)).await;
    assert_eq!(posts(&stage), 1);
    stage.ends_well(&[]);
}

#[tokio::test]
async fn a_notice_that_was_posted_and_not_recorded_is_found_again() {
    let mut stage = Stage::set().await;
    stage.double.world().lose_places = 1;
    stage.double.notices(asked(7));
    stage.tickets().wait_for("N-7 ·").await.unwrap();
    stage.kill_bot().await;
    stage.start_bot().await;
    eventually("it to be recorded", || told(&stage, 7, 1)).await;
    assert_eq!(posts(&stage), 1, "it is not told twice");
    let card = stage.tickets().messages().pop().unwrap();
    let path = format!("channels/{}/messages/{}", discord_sim::seed::TICKETS, card.id);
    stage.asks_discord(reqwest::Method::DELETE, &path, None).await;
    stage.double.notices(NoticeBehind { version: 2, ..asked(7) });
    eventually("it to be posted again", || told(&stage, 7, 2)).await;
    assert_eq!(posts(&stage), 1);
    // 10008: the message that is gone.
    stage.ends_well(&[10_008]);
}

#[tokio::test]
async fn who_is_not_linked_says_who_he_is() {
    let stage = Stage::set().await;
    let told = stage.ann().types("/link name: ann ").send().await.unwrap().ephemeral().unwrap();
    insta::assert_snapshot!(told.to_string());
    let link = stage.double.world().links.pop().unwrap();
    assert_eq!((link.discord_id, link.name), (stage.ann().id.to_string(), "ann".to_owned()));
    let told = stage.ann().types("/unlink person:wei").send().await.unwrap().ephemeral().unwrap();
    assert!(told.contains("`wei` has no Discord account"), "{told}");
    stage.ends_well(&[]);
}
