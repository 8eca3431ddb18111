namespace Browser.Tests;

/// <summary>How a page is looked at: the size of the window in CSS pixels, and the scheme of colours.</summary>
public sealed record DisplayMode(string Name, int Width, int Height, bool IsDark)
{
    /// <summary>The language and region of the reader.</summary>
    public string Locale { get; init; } = "en-US";

    /// <summary>Where the reader's clock is.</summary>
    public string Zone { get; init; } = "UTC";

    public static DisplayMode Desktop { get; } = new("desktop-light", 1440, 900, IsDark: false);

    public static IReadOnlyList<DisplayMode> All { get; } =
    [
        Desktop,
        new("desktop-dark", 1440, 900, IsDark: true),
        new("tablet-light", 820, 1180, IsDark: false),
        new("phone-light", 390, 844, IsDark: false),
        new("phone-dark", 390, 844, IsDark: true),
        new("phone-small", 320, 568, IsDark: false),
    ];

    public static DisplayMode Of(string name) => All.Single(look => look.Name == name);
}
