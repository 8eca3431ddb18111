using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;

namespace Millrace;

/// <summary>
/// The configuration of an application as Millrace reads it. It knows the settings that Millrace and its adapters have
/// read, with the values in effect and their sources.
/// </summary>
public sealed class MillraceConfiguration : IConfiguration
{
    private readonly IConfiguration _configuration;
    private readonly Func<IEnumerable<ISettingsGroup>> _groups;
    private readonly ConcurrentDictionary<string, RecordedSetting> _settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<Type, IReadOnlyList<string>> _deferred = new();
    private readonly AsyncLocal<ReadPass?> _pass = new(); // A further pass over the configuration on this thread.
    private readonly InitialSettings _initial;
    private bool _isWithoutCode;

    internal MillraceConfiguration(IConfiguration? configuration, Func<IEnumerable<ISettingsGroup>> groups)
    {
        (_configuration, _groups) = (configuration ?? new ConfigurationBuilder().Build(), groups);
        _initial = new InitialSettings(_configuration);
    }

    /// <summary>Gets the function that returns whether a change of a setting takes effect without a restart.</summary>
    internal Func<string, bool> IsReloadable { get; init; } = static _ => false;

    /// <summary>
    /// Gets the errors of the configuration that are not in effect: those of the last change, if it was refused, or
    /// those that <see cref="Check"/> found.
    /// </summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; internal set; } = [];

    private ConcurrentDictionary<Type, IReadOnlyList<string>> Deferred => _pass.Value?.Deferred ?? _deferred;

    /// <inheritdoc/>
    public string? this[string key]
    {
        get => _configuration[key];
        set => _configuration[key] = value;
    }

    /// <summary>
    /// Reads and validates a configuration without an application. The sections of adapters, and what only the
    /// application's code and model know, are not checked.
    /// </summary>
    /// <param name="configuration">The configuration of an application.</param>
    /// <returns>The settings with their sources, and the errors in <see cref="Problems"/>.</returns>
    public static MillraceConfiguration Check(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var read = new MillraceConfiguration(configuration, static () => []) { _isWithoutCode = true };
        read.Problems = [.. new SettingsCheck(read).Run().Select(read.ProblemOf)];
        return read;
    }

    /// <inheritdoc/>
    public IConfigurationSection GetSection(string key) => new RecordedSection(this, _configuration.GetSection(key));

    /// <inheritdoc/>
    public IEnumerable<IConfigurationSection> GetChildren() =>
        _configuration.GetChildren().Select(child => new RecordedSection(this, child));

    /// <inheritdoc/>
    public IChangeToken GetReloadToken() => _configuration.GetReloadToken();

    /// <summary>
    /// Returns the settings with the values in effect, by key: those that Millrace has read, further ones in the
    /// section <c>Millrace</c>, and the levels of logs. Secrets are masked.
    /// </summary>
    public IReadOnlyList<EffectiveSetting> Read() => new EffectiveSettings(_configuration, _settings)
    {
        Defaults = ReadDefaults(),
        Initial = _initial,
        IsReloadable = IsReloadable,
        HasProblems = Problems.Count > 0,
    }.Read();

    internal void Record(string key, string? codeValue) =>
        (_pass.Value?.Settings ?? _settings).TryAdd(key, RecordedSetting.Of(_configuration, key, codeValue));

    internal bool TryDefer(Type options, IReadOnlyList<string> problems)
    {
        if (_pass.Value is { IsOfDefaults: true })
            return true; // The validation has reported them.
        if (problems.Count == 0)
            return Deferred.TryRemove(options, out _); // Those of a read that an exception has interrupted.
        if (!_groups().Any(group => group.Options == options))
            return false;
        Deferred[options] = [.. problems];
        return true;
    }

    /// <summary>Returns the problems that were found while options were read, once.</summary>
    internal IReadOnlyList<string> TakeDeferred(Type options) =>
        Deferred.TryRemove(options, out var problems) ? problems : [];

    /// <summary>Returns the settings that a further pass over the configuration reads.</summary>
    internal IReadOnlyDictionary<string, RecordedSetting> ReadAgain(Action read, bool isOfDefaults = false)
    {
        var pass = new ReadPass(isOfDefaults);
        _pass.Value = pass;
        try
        {
            read();
        }
        finally
        {
            _pass.Value = null;
        }
        return pass.Settings;
    }

    /// <summary>Takes over the settings of a pass whose changes take effect.</summary>
    /// <returns>The keys of changed settings that take effect, and of those that need a restart.</returns>
    internal (IReadOnlyList<string> Applied, IReadOnlyList<string> Waiting) Accept(
        IReadOnlyDictionary<string, RecordedSetting> read)
    {
        var (applied, waiting) = (new List<string>(), new List<string>());
        var keys = _settings.Keys.Union(read.Keys, StringComparer.OrdinalIgnoreCase);
        foreach (var key in keys.Order(StringComparer.Ordinal))
        {
            var before = _settings.GetValueOrDefault(key);
            var now = read.GetValueOrDefault(key) ?? RecordedSetting.Of(_configuration, key, before?.CodeValue);
            if (before?.Configured == now.Configured)
                continue;
            var isReloadable = IsReloadable(key);
            (isReloadable ? applied : waiting).Add(key);
            if (isReloadable && !read.ContainsKey(key))
            {
                _settings.TryRemove(key, out _); // Such as a removed rule.
                _initial.Remove(key);
            }
            else
            {
                _settings[key] = isReloadable ? now : before ?? new RecordedSetting(now.CodeValue, null, null);
            }
        }
        return (applied, waiting);
    }

    /// <summary>Returns an error with the source of its value.</summary>
    internal ConfigurationProblem ProblemOf(string failure)
    {
        var end = failure.IndexOf(": ", StringComparison.Ordinal);
        if (end < 0 || failure.AsSpan(0, end).Contains(' '))
            return new ConfigurationProblem(null, null, RecordedSetting.Code, failure);
        var key = failure[..end];
        var value = _configuration[key];
        return new ConfigurationProblem(
            key,
            SecretSettings.Masked(key, value),
            SettingSources.Find(_configuration, key) ?? RecordedSetting.Code,
            SecretSettings.MaskedMessage(key, value, failure[(end + 2)..]));
    }

    /// <summary>Returns the settings as they are without code; without an application, there is no code.</summary>
    private IReadOnlyDictionary<string, RecordedSetting> ReadDefaults() => _isWithoutCode
        ? _settings
        : ReadAgain(
            () =>
            {
                foreach (var group in _groups())
                    ReadDefaults(group);
            },
            isOfDefaults: true);

    private static void ReadDefaults(ISettingsGroup group)
    {
#pragma warning disable CA1031 // The present configuration can have errors, which were refused.
        try
        {
            group.ReadDefaults();
        }
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private sealed record ReadPass(bool IsOfDefaults)
    {
        public ConcurrentDictionary<string, RecordedSetting> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

        public ConcurrentDictionary<Type, IReadOnlyList<string>> Deferred { get; } = new();
    }
}
