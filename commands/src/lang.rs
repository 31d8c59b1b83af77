//! Two languages. A sentence is made with [`said!`](crate::said) from both, so a missing one does not compile.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

/// A language that dbdesk speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
pub enum Lang {
    /// English, for every locale that is not Chinese.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Zh,
}

impl Lang {
    /// From a locale as Discord or `Accept-Language` writes it: `zh-CN`, `zh-TW`, `zh` are Chinese, all else English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        match locale.trim_start().get(..2) {
            Some(head) if head.eq_ignore_ascii_case("zh") => Self::Zh,
            _ => Self::En,
        }
    }

    /// The tag used in HTTP and in the store.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
}

/// One sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Said {
    /// English.
    #[schema(value_type = String)]
    pub en: Cow<'static, str>,
    /// Simplified Chinese.
    #[schema(value_type = String)]
    pub zh: Cow<'static, str>,
}

impl Said {
    /// A sentence without arguments, usable in constants.
    #[must_use]
    pub const fn fixed(en: &'static str, zh: &'static str) -> Self {
        Self { en: Cow::Borrowed(en), zh: Cow::Borrowed(zh) }
    }

    /// The sentence in `lang`.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// `said!("{n} rows", "{n} 行")`: one sentence in English and Chinese, both formatted with the names in scope;
/// further `name = value` arguments go to both.
#[macro_export]
macro_rules! said {
    ($en:literal, $zh:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::lang::Said {
            en: ::std::borrow::Cow::Owned(::std::format!($en $(, $name = $value)*)),
            zh: ::std::borrow::Cow::Owned(::std::format!($zh $(, $name = $value)*)),
        }
    };
}
pub use crate::said;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chinese_locale_reads_chinese_and_all_else_english() {
        assert_eq!(Lang::of_locale("zh-CN"), Lang::Zh);
        assert_eq!(Lang::of_locale("zh-TW,zh;q=0.9"), Lang::Zh);
        assert_eq!(Lang::of_locale("en-GB"), Lang::En);
        assert_eq!(Lang::of_locale("言"), Lang::En);
        assert_eq!(Lang::of_locale(""), Lang::En);
    }

    #[test]
    fn a_sentence_is_formatted_in_both_languages() {
        let rows = 3;
        let sentence = said!("{rows} rows of {table}", "{table} 的 {rows} 行", table = "orders");
        assert_eq!(sentence.in_lang(Lang::En), "3 rows of orders");
        assert_eq!(sentence.in_lang(Lang::Zh), "orders 的 3 行");
    }
}
