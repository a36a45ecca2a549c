//! What a QR reader sees.

/// What it sees in a picture, `shade` telling how light each point is.
pub fn scan(width: usize, height: usize, shade: impl FnMut(usize, usize) -> u8) -> Vec<String> {
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    let found = picture.detect_grids();
    found.iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect()
}

/// What it sees in an SVG image of one path of rectangles, six points to a module.
pub fn scan_svg(svg: &str) -> String {
    let side: usize =
        svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let mut dark = vec![false; side * side];
    let drawn = svg.split("fill=\"#000\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    for run in drawn.split('M').skip(1) {
        let (place, rest) = run.split_once('h').unwrap();
        let (column, row) = place.split_once(' ').unwrap();
        let (column, row): (usize, usize) = (column.parse().unwrap(), row.parse().unwrap());
        let length: usize = rest.split('v').next().unwrap().parse().unwrap();
        dark[row * side + column..][..length].fill(true);
    }
    let mut seen =
        scan(side * 6, side * 6, |x, y| if dark[y / 6 * side + x / 6] { 0 } else { 255 });
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}
