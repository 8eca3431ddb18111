using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Millrace;

/// <summary>
/// Reads the settings of a configuration section by hand, so that nothing is reflected over, and notes all that cannot
/// be read.
/// </summary>
internal sealed class Settings(IConfigurationSection section)
{
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public void Read(string name, Action<string> set)
    {
        if (TextOf(name) is { } text)
            set(text);
    }

    public void Read(string name, Action<int> set) => Parse<int>(name, "a whole number", set);

    public void Read(string name, Action<bool> set)
    {
        if (TextOf(name) is not { } text)
            return;
        if (bool.TryParse(text, out var value))
            set(value);
        else
            _problems.Add($"{section.Path}:{name}: must be true or false, but is '{text}'.");
    }

    public void Read(string name, Action<long> set) => Parse<long>(name, "a whole number", set);

    /// <summary>Reads a duration such as <c>00:00:05</c> or <c>7.00:00:00</c>.</summary>
    public void Read(string name, Action<TimeSpan> set) =>
        Parse<TimeSpan>(name, "a duration as days.hours:minutes:seconds", set);

    /// <summary>Reads a whole number for each of several names.</summary>
    public void ReadAll(string name, Action<string, int> set)
    {
        foreach (var one in section.GetSection(name).GetChildren())
            Read($"{name}:{one.Key}", (int value) => set(one.Key, value));
    }

    /// <summary>Reads texts, parted by commas or one below the other.</summary>
    public void ReadList(string name, Action<IReadOnlyList<string>> set)
    {
        _known.Add(name);
        if (ListOf(section.GetSection(name)) is { Count: > 0 } texts)
            set(texts);
    }

    /// <summary>The texts of a section, parted by commas or one below the other.</summary>
    public static List<string> ListOf(IConfigurationSection section)
    {
        var listed = section.Value?.Split(',') ?? section.GetChildren().Select(static child => child.Value ?? "");
        return [.. listed.Select(static one => one.Trim()).Where(static one => one.Length > 0)];
    }

    /// <summary>Reads one of the names of an enumeration, in any case.</summary>
    public void ReadName<T>(string name, Action<T> set)
        where T : struct, Enum
    {
        if (TextOf(name) is not { } text)
            return;
        if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value))
            set(value);
        else
            _problems.Add(
                $"{section.Path}:{name}: must be {string.Join(" or ", Enum.GetNames<T>())}, but is '{text}'.");
    }

    /// <summary>Notes each name that the section has and nobody has read, with the nearest that there is.</summary>
    /// <param name="others">What somebody else reads.</param>
    public void RefuseOthers(params IEnumerable<string> others) => RefuseOthers(others, allowsSections: false);

    /// <summary>Refuses what nobody reads, but no section with a name that is near to none: it may be somebody
    /// else's.</summary>
    public void RefuseOthersButSections(params IEnumerable<string> others) =>
        RefuseOthers(others, allowsSections: true);

    private void RefuseOthers(IEnumerable<string> others, bool allowsSections)
    {
        _known.UnionWith(others);
        foreach (var one in section.GetChildren().Where(one => !_known.Contains(one.Key)))
        {
            var near = NameSuggestions.To(one.Key, _known);
            if (allowsSections && near is null && one.Value is null)
                continue;
            var hint = near is not null
                ? $"Did you mean '{near}'?"
                : $"There are: {string.Join(", ", _known.Order(StringComparer.Ordinal))}.";
            _problems.Add($"{one.Path}: there is no such setting. {hint}");
        }
    }

    /// <exception cref="OptionsValidationException">Some of what was read is not what it must be; all of it is
    /// named.</exception>
    public void Finish(Type options)
    {
        if (_problems.Count > 0)
            throw new OptionsValidationException(Options.DefaultName, options, _problems);
    }

    /// <summary>What the section says under a name; null for nothing.</summary>
    private string? TextOf(string name)
    {
        _known.Add(name);
        return section[name] is { Length: > 0 } text ? text : null;
    }

    private void Parse<T>(string name, string what, Action<T> set)
        where T : ISpanParsable<T>
    {
        if (TextOf(name) is not { } text)
            return;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var value))
            set(value);
        else
            _problems.Add($"{section.Path}:{name}: must be {what}, but is '{text}'.");
    }
}
