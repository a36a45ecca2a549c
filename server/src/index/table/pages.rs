//! A list that grows page by page: nothing is ever moved, so that nobody waits while it grows, and
//! at most one page is too much.

/// Items of a page.
const PAGE: usize = 1 << 12;

/// A list in pages.
#[derive(Debug)]
pub(super) struct Pages<T>(Vec<Vec<T>>);

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Pages<T> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * PAGE + last.len())
    }

    /// The item at a place.
    #[inline]
    pub fn get(&self, place: usize) -> Option<&T> {
        self.0.get(place / PAGE)?.get(place % PAGE)
    }

    /// The item at a place, to be changed.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.0.get_mut(place / PAGE)?.get_mut(place % PAGE)
    }

    /// The last item.
    pub fn last(&self) -> Option<&T> {
        self.0.last()?.last()
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        match self.0.last_mut() {
            Some(page) if page.len() < PAGE => page.push(item),
            // The first page grows by and by: most tables of a few people are short-lived.
            before => {
                let mut page = Vec::with_capacity(if before.is_some() { PAGE } else { 0 });
                page.push(item);
                self.0.push(page);
            }
        }
    }

    /// How many items of a sorted list come before what is looked for.
    pub fn partition_point(&self, is_before: impl Fn(&T) -> bool) -> usize {
        let begins_before = |page: &Vec<T>| page.first().is_some_and(&is_before);
        let page = self.0.partition_point(begins_before).saturating_sub(1);
        let within = self.0.get(page).map_or(0, |page| page.partition_point(&is_before));
        page * PAGE + within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_found_again_across_pages() {
        let mut list = Pages::default();
        for number in 0..3 * PAGE {
            assert_eq!(list.len(), number);
            list.push(2 * number);
        }
        assert_eq!(list.last(), Some(&(6 * PAGE - 2)));
        for number in [0, 1, PAGE - 1, PAGE, 2 * PAGE + 7, 3 * PAGE - 1] {
            assert_eq!(list.get(number), Some(&(2 * number)));
            assert_eq!(list.partition_point(|item| *item < 2 * number), number);
            assert_eq!(list.partition_point(|item| *item <= 2 * number), number + 1);
        }
        assert_eq!(list.get(3 * PAGE), None);
        assert_eq!(Pages::<u8>::default().partition_point(|_| true), 0);
    }
}
