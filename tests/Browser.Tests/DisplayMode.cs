namespace Browser.Tests;

/// <summary>The display of a user, with the window size in CSS pixels and the color scheme.</summary>
public sealed record DisplayMode(string Name, int Width, int Height, bool IsDark)
{
    /// <summary>Gets the language and region of the user.</summary>
    public string Locale { get; init; } = "en-US";

    /// <summary>Gets the time zone of the user.</summary>
    public string Zone { get; init; } = "UTC";

    public static DisplayMode Desktop { get; } = new("desktop-light", 1440, 900, IsDark: false);

    public static IReadOnlyList<DisplayMode> All { get; } =
    [
        Desktop,
        new("phone-dark", 390, 844, IsDark: true),
        new("desktop-dark", 1440, 900, IsDark: true),
        new("phone-small", 320, 568, IsDark: false),
        new("tablet-light", 820, 1180, IsDark: false),
        new("phone-light", 390, 844, IsDark: false),
    ];

    public static DisplayMode Of(string name) => All.Single(mode => mode.Name == name);
}
