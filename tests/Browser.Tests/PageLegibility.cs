using System.Text.Json;

namespace Browser.Tests;

/// <summary>Measures the contrast of the texts of a page and whether the page fits its window.</summary>
public static class PageLegibility
{
    /// <summary>
    /// Returns every visible text with its contrast by WCAG 2. Transparent colors are blended with the colors behind
    /// them, up to the color of the page.
    /// </summary>
    private const string Contrasts = """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const [colors, backs] = [new Map(), new Map()]; // Measured once each: a page has few of them, and many texts.
          const kept = (map, key, measure) => {
            if (!map.has(key)) map.set(key, measure());
            return map.get(key);
          };
          const parse = text => kept(colors, text, () => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = text;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
            return [r, g, b, a / 255];
          });
          const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
          const behind = element => {
            const layers = [];
            for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
            const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
            return layers.reverse().reduce((below, layer) => over(layer, below), isDark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
          };
          const light = color => {
            const [r, g, b] = color.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ratio = (one, other) => {
            const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
          };
          const found = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const measure = (text, element, color) => {
            const back = kept(backs, element, () => behind(element));
            found.push({ text: text.trim().slice(0, 40), contrast: ratio(over(parse(color), back), back) });
          };
          while (walk.nextNode()) {
            const text = walk.currentNode.textContent, element = walk.currentNode.parentElement;
            const box = element.getBoundingClientRect(), style = getComputedStyle(element);
            const isSeen = text.trim() && box.width > 1 && box.height > 1 && style.visibility === 'visible' && style.display !== 'none';
            if (isSeen && !['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName))
              measure(text, element, element instanceof SVGElement ? style.fill : style.color);
          }
          for (const input of document.querySelectorAll('input[placeholder]'))
            measure(input.placeholder, input, getComputedStyle(input, '::placeholder').color);
          return found;
        }
        """;

    /// <summary>Returns elements that exceed the right edge of the window, except in a scrolling element.</summary>
    private const string TooWide = """
        () => {
          const scrolls = element => {
            for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
              if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(at).overflowX)) return true;
            return false;
          };
          const width = document.documentElement.clientWidth;
          const found = [...document.body.querySelectorAll('*')]
            .filter(element => element.getBoundingClientRect().right > width + 1 && !scrolls(element))
            .map(element => `${element.tagName.toLowerCase()}#${element.id}.${element.getAttribute('class')}: `
                + element.textContent.slice(0, 30));
          return document.documentElement.scrollWidth > width ? ['the page scrolls sideways', ...found] : found;
        }
        """;

    /// <summary>
    /// Returns the texts with too little contrast. Fails if fewer than <paramref name="texts"/> texts were measured.
    /// </summary>
    public static async Task<IReadOnlyList<string>> FindLowContrast(
        this WatchedPage page, double minContrast, int texts)
    {
        var measured = await page.Page.EvaluateAsync<JsonElement>(Contrasts);
        Assert.True(measured.GetArrayLength() >= texts, $"Only {measured.GetArrayLength()} texts were measured.");
        return
        [
            .. measured.EnumerateArray()
                .Where(text => text.GetProperty("contrast").GetDouble() < minContrast)
                .Select(text =>
                    $"'{text.GetProperty("text").GetString()}' has {text.GetProperty("contrast").GetDouble():0.00}"),
        ];
    }

    /// <summary>Returns the elements that do not fit the width of the window.</summary>
    public static async Task<IReadOnlyList<string>> FindOverflow(this WatchedPage page) =>
        await page.Page.EvaluateAsync<string[]>(TooWide);
}
