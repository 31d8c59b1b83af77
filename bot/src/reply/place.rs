//! A byte offset in SQL as the line and column that an editor shows.

/// Line and column, both from 1, columns in characters. An offset past the end is the end.
#[must_use]
pub fn line_and_column(sql: &str, byte: usize) -> (usize, usize) {
    let mut end = byte.min(sql.len());
    while !sql.is_char_boundary(end) {
        end -= 1;
    }
    let before = sql.get(..end).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

#[cfg(test)]
mod tests {
    use super::line_and_column;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let sql = "SELECT 1;\nSELECT '表', x";
        assert_eq!(line_and_column(sql, 0), (1, 1));
        assert_eq!(line_and_column(sql, 10), (2, 1));
        assert_eq!(line_and_column(sql, sql.len() - 1), (2, 13));
        assert_eq!(line_and_column(sql, 19), (2, 9), "inside a character");
        assert_eq!(line_and_column(sql, 9_999), (2, 14));
    }
}
