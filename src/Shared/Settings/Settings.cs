using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Millrace.Shared.Settings;

/// <summary>Reads the settings of a configuration section without reflection, and collects all problems.</summary>
internal sealed class Settings(IConfigurationSection section)
{
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly ISettingsRecorder? _recorder = section as ISettingsRecorder;

    private Settings(IConfigurationSection section, List<string> problems)
        : this(section) => _problems = problems;

    /// <summary>Gets whether the configuration has settings of the section.</summary>
    public bool Exists => section.GetChildren().Any();

    /// <summary>Gets the problems that were found.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Returns the settings of a subsection. Their problems are reported with those of this section.</summary>
    public Settings Subsection(string name)
    {
        _known.Add(name);
        return new(section.GetSection(name), _problems);
    }

    /// <summary>Reads a text. Like the other methods, it records the value without the configuration.</summary>
    public void Read(string name, string? current, Action<string> set)
    {
        Record(name, current);
        if (TextOf(name) is { } text)
            set(text);
    }

    /// <summary>Reads an address. Its scheme is not checked.</summary>
    public void ReadAddress(string name, Uri? current, Action<Uri> set)
    {
        Record(name, current?.OriginalString);
        if (TextOf(name) is not { } text)
            return;
        if (Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address))
            set(address);
        else
            _problems.Add($"{section.Path}:{name}: must be an address, but is '{text}'.");
    }

    public void Read(string name, int? current, Action<int> set) => Parse(name, current, "a whole number", set);

    public void Read(string name, bool? current, Action<bool> set)
    {
        Record(name, current is { } known ? known ? "true" : "false" : null);
        if (TextOf(name) is not { } text)
            return;
        if (bool.TryParse(text, out var value))
            set(value);
        else
            _problems.Add($"{section.Path}:{name}: must be true or false, but is '{text}'.");
    }

    public void Read(string name, long? current, Action<long> set) => Parse(name, current, "a whole number", set);

    public void Read(string name, double? current, Action<double> set) => Parse(name, current, "a number", set);

    /// <summary>Reads a duration such as <c>00:00:05</c> or <c>7.00:00:00</c>.</summary>
    public void Read(string name, TimeSpan? current, Action<TimeSpan> set) =>
        Parse(name, current, "a duration as days.hours:minutes:seconds", set);

    /// <summary>Reads the id of a time zone of the system, such as <c>Europe/Berlin</c>.</summary>
    public void ReadTimeZone(string name, TimeZoneInfo current, Action<TimeZoneInfo> set)
    {
        Record(name, current.Id);
        if (TextOf(name) is not { } text)
            return;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone))
            set(zone);
        else
            _problems.Add(
                $"{section.Path}:{name}: must be a time zone of this system, such as Europe/Berlin, but is '{text}'.");
    }

    /// <summary>Reads a whole number for each name of a subsection.</summary>
    public void ReadAll(string name, Action<string, int> set)
    {
        var entries = Subsection(name);
        foreach (var child in section.GetSection(name).GetChildren())
            entries.Read(child.Key, default(int?), value => set(child.Key, value));
    }

    /// <summary>Reads a list of texts, separated by commas or as child settings.</summary>
    public void ReadList(string name, IEnumerable<string>? current, Action<IReadOnlyList<string>> set)
    {
        _known.Add(name);
        Record(name, current is null ? null : string.Join(", ", current));
        if (ListOf(section.GetSection(name)) is { Count: > 0 } texts)
            set(texts);
    }

    /// <summary>Returns the list of texts of a section, separated by commas or as child settings.</summary>
    public static List<string> ListOf(IConfigurationSection section)
    {
        var listed = section.Value?.Split(',') ?? section.GetChildren().Select(static child => child.Value ?? "");
        return [.. listed.Select(static text => text.Trim()).Where(static text => text.Length > 0)];
    }

    /// <summary>Reads a name of an enumeration. Case is ignored.</summary>
    public void ReadName<T>(string name, T current, Action<T> set)
        where T : struct, Enum => ReadName(name, (T?)current, set);

    /// <inheritdoc cref="ReadName{T}(string, T, Action{T})"/>
    public void ReadName<T>(string name, T? current, Action<T> set)
        where T : struct, Enum
    {
        Record(name, current?.ToString());
        if (TextOf(name) is not { } text)
            return;
        if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value))
            set(value);
        else
            _problems.Add(
                $"{section.Path}:{name}: must be {string.Join(" or ", Enum.GetNames<T>())}, but is '{text}'."
                    + (Nearest(text, Enum.GetNames<T>()) is { } near ? $" Did you mean '{near}'?" : ""));
    }

    /// <summary>Reports each unknown setting of the section and suggests the nearest known name.</summary>
    /// <param name="others">The names of settings that other components read.</param>
    public void RefuseOthers(params IEnumerable<string> others) => Refuse(others, static (_, _) => true);

    /// <summary>
    /// Reports unknown settings. Another component may read a subsection, so a subsection is reported only if its name
    /// is similar to a known name.
    /// </summary>
    public void RefuseOthersButSections(params IEnumerable<string> others) =>
        Refuse(others, static (setting, suggestion) => suggestion is not null || setting.Value is not null);

    /// <summary>
    /// Reports unknown settings whose name is similar to a known name. Other settings belong to the application.
    /// </summary>
    public void RefuseMisspelled(params IEnumerable<string> others) =>
        Refuse(others, static (_, suggestion) => suggestion is not null);

    private void Refuse(IEnumerable<string> others, Func<IConfigurationSection, string?, bool> isRefused)
    {
        _known.UnionWith(others);
        foreach (var setting in section.GetChildren().Where(setting => !_known.Contains(setting.Key)))
        {
            var suggestion = Nearest(setting.Key, _known);
            if (!isRefused(setting, suggestion))
                continue;
            var hint = suggestion is not null
                ? $"Did you mean '{suggestion}'?"
                : $"There are: {string.Join(", ", _known.Order(StringComparer.Ordinal))}.";
            _problems.Add($"{setting.Path}: there is no such setting. {hint}");
        }
    }

    /// <summary>Returns the nearest name without regard to case, as in environment variables; null if no name is
    /// near.</summary>
    private static string? Nearest(string typed, IEnumerable<string> names)
    {
        var known = names.ToDictionary(one => one.ToUpperInvariant(), StringComparer.Ordinal);
        return NameSuggestions.To(typed.ToUpperInvariant(), known.Keys) is { } found ? known[found] : null;
    }

    /// <summary>Reports further problems with those of this section.</summary>
    public void Report(IEnumerable<string> problems) => _problems.AddRange(problems);

    /// <exception cref="OptionsValidationException">Some settings are not valid. The exception contains all
    /// problems. If these options are validated later, the validation reports them instead.</exception>
    public void Finish(Type options)
    {
        var isDeferred = _recorder?.TryDefer(options, _problems) == true;
        if (_problems.Count > 0 && !isDeferred)
            throw new OptionsValidationException(Options.DefaultName, options, _problems);
    }

    /// <summary>Returns the value of a setting, or null if the setting is missing.</summary>
    private string? TextOf(string name)
    {
        _known.Add(name);
        return section[name] is { Length: > 0 } text ? text : null;
    }

    private void Parse<T>(string name, T? current, string expected, Action<T> set)
        where T : struct, ISpanParsable<T>, IFormattable
    {
        Record(name, current?.ToString(null, CultureInfo.InvariantCulture));
        if (TextOf(name) is not { } text)
            return;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var value))
            set(value);
        else
            _problems.Add($"{section.Path}:{name}: must be {expected}, but is '{text}'.");
    }

    private void Record(string name, string? current) => _recorder?.Record($"{section.Path}:{name}", current);
}
