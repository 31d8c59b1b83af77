//! Discord's limits, in code points, and the one way of cutting to them.

use std::borrow::Cow;

/// A message's content.
pub const CONTENT: usize = 2000;
/// Embeds of a message.
pub const EMBEDS: usize = 10;
/// All texts of all embeds of a message together.
pub const EMBEDS_TOTAL: usize = 6000;
/// An embed's title.
pub const TITLE: usize = 256;
/// An embed's description.
pub const DESCRIPTION: usize = 4096;
/// Fields of an embed.
pub const FIELDS: usize = 25;
/// A field's name.
pub const FIELD_NAME: usize = 256;
/// A field's value.
pub const FIELD_VALUE: usize = 1024;
/// An embed's footer.
pub const FOOTER: usize = 2048;
/// Buttons in a row.
pub const ROW: usize = 5;
/// Rows of a message.
pub const ROWS: usize = 5;
/// A button's label.
pub const LABEL: usize = 80;
/// A menu's placeholder.
pub const MENU_PLACEHOLDER: usize = 150;
/// Choices of a menu.
pub const MENU: usize = 25;
/// What a choice of a menu is called, and what is said of it.
pub const PICK: usize = 100;
/// A modal's title.
pub const MODAL_TITLE: usize = 45;
/// A text input's label.
pub const INPUT_LABEL: usize = 45;
/// A text input's placeholder.
pub const PLACEHOLDER: usize = 100;
/// A text input's value: longer SQL comes as a file.
pub const INPUT_VALUE: usize = 4000;
/// Choices of an autocomplete answer.
pub const CHOICES: usize = 25;
/// A choice's name and value.
pub const CHOICE: usize = 100;
/// A thread's name.
pub const THREAD_NAME: usize = 100;
/// A message's nonce.
pub const NONCE: usize = 25;

/// The mark that something was cut.
pub const CUT: char = '…';

/// `text` in at most `max` code points; what was cut ends in [`CUT`].
#[must_use]
pub fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if text.char_indices().nth(max).is_none() {
        Cow::Borrowed(text)
    } else {
        let kept: String = text.chars().take(max.saturating_sub(1)).collect();
        Cow::Owned(if max == 0 { kept } else { format!("{}{CUT}", kept.trim_end()) })
    }
}

/// Length in code points, as Discord counts.
#[must_use]
pub fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_fits_is_untouched_and_what_does_not_is_marked() {
        assert_eq!(cut("表结构", 3), "表结构");
        assert_eq!(cut("表结构变更", 3), "表结…");
        assert_eq!(cut("abc", 0), "");
    }

    proptest! {
        #[test]
        fn a_cut_text_never_exceeds_its_limit(text in "\\PC{0,200}", max in 0usize..150) {
            let short = cut(&text, max);
            prop_assert!(length(&short) <= max);
            prop_assert!(length(&text) > max || short == text);
        }
    }
}
