using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Millrace.Telemetry;

/// <summary>Adds rules to the filters of logs, and notifies the logger factory of each change.</summary>
internal sealed class LogLevels
    : ILogLevels,
        IPostConfigureOptions<LoggerFilterOptions>,
        IOptionsChangeTokenSource<LoggerFilterOptions>,
        IDisposable
{
    private const int MaxCategories = 100;
    private const int MaxCharacters = 200;
    private static readonly TimeSpan MinDuration = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Lock _notifying = new();
    private readonly SortedDictionary<string, LogLevelOverride> _changed = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private CancellationTokenSource _change = new();
    private bool _isDisposed;

    public LogLevels(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => RemoveExpired(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string? Name => Options.DefaultName;

    public IChangeToken GetChangeToken()
    {
        lock (_lock)
            return new CancellationChangeToken(_isDisposed ? CancellationToken.None : _change.Token);
    }

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        // A rule for one provider has precedence over a rule for all, so each provider with rules gets its own.
        var configured = options.Rules.ToList();
        var providers = configured.Select(rule => rule.ProviderName).Append(null).Distinct().ToList();
        var changes = List();
        foreach (var hidden in changes.SelectMany(change => HiddenRules(configured, providers, CategoryOf(change))))
            options.Rules.Add(hidden);
        foreach (var change in changes)
        {
            foreach (var provider in providers)
                options.Rules.Add(new LoggerFilterRule(provider, CategoryOf(change), change.Level, null));
        }
    }

    public IReadOnlyList<LogLevelOverride> List()
    {
        var now = _time.GetUtcNow();
        lock (_lock)
            return [.. _changed.Values.Where(changed => changed.Until > now)];
    }

    public LogLevelOverride Set(string category, LogLevel level, TimeSpan duration, string by)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(category);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        if (category.Length > MaxCharacters)
            throw new ArgumentException($"A category has at most {MaxCharacters} characters.", nameof(category));
        if (category.Contains('*', StringComparison.Ordinal))
            throw new ArgumentException("A category with '*' cannot be changed. Name its beginning.", nameof(category));
        if (!Enum.IsDefined(level))
            throw new ArgumentOutOfRangeException(nameof(level), level, "The level is not defined.");
        if (duration < MinDuration || duration > ILogLevels.MaxDuration)
            throw new ArgumentOutOfRangeException(
                nameof(duration), duration, $"The duration must be from {MinDuration} to {ILogLevels.MaxDuration}.");
        var changed = new LogLevelOverride(category, level, _time.GetUtcNow() + duration, by);
        LogLevelOverride? former;
        lock (_lock)
        {
            if (!_changed.ContainsKey(category) && _changed.Count >= MaxCategories)
                throw new InvalidOperationException(
                    $"The levels of {MaxCategories} categories are changed already. Reset one of them.");
            _changed.TryGetValue(category, out former);
            _changed[category] = changed;
            ScheduleExpiry();
        }
        try
        {
            Notify();
        }
        catch (AggregateException)
        {
            Restore(category, former);
            throw;
        }
        return changed;
    }

    public bool Reset(string category)
    {
        ArgumentNullException.ThrowIfNull(category);
        lock (_lock)
        {
            if (!_changed.Remove(category))
                return false;
        }
        Notify();
        return true;
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _isDisposed = true; // The timer can still be calling.
            _change.Dispose();
        }
    }

    private static string? CategoryOf(LogLevelOverride change) =>
        change.Category.Equals(ILogLevels.DefaultCategory, StringComparison.OrdinalIgnoreCase) ? null : change.Category;

    /// <summary>
    /// Returns copies of the rules for all providers with longer categories than the change, which the rule of the
    /// change would hide from providers with their own rules.
    /// </summary>
    private static IEnumerable<LoggerFilterRule> HiddenRules(
        List<LoggerFilterRule> configured, IReadOnlyList<string?> providers, string? category) =>
        from provider in providers
        where provider is not null
        from rule in configured
        where rule.ProviderName is null && IsLonger(rule.CategoryName, category)
        where !configured.Exists(own => own.ProviderName == provider && IsLonger(own.CategoryName, category)
            && rule.CategoryName!.StartsWith(own.CategoryName!, StringComparison.OrdinalIgnoreCase)) // Both are longer.
        select new LoggerFilterRule(provider, rule.CategoryName, rule.LogLevel, rule.Filter);

    private static bool IsLonger(string? category, string? than) =>
        category is not null
        && (than is null
            || (category.Length > than.Length && category.StartsWith(than, StringComparison.OrdinalIgnoreCase)));

    private void Restore(string category, LogLevelOverride? former)
    {
        lock (_lock)
        {
            if (former is null)
                _changed.Remove(category);
            else
                _changed[category] = former;
        }
    }

    private void RemoveExpired()
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            foreach (var expired in _changed.Values.Where(changed => changed.Until <= now).ToList())
                _changed.Remove(expired.Category);
            ScheduleExpiry();
        }
        try
        {
            Notify();
        }
        catch (AggregateException)
        {
            // A listener of the application failed. The next change reports it to its caller.
        }
    }

    private void ScheduleExpiry()
    {
        if (_changed.Count == 0)
            return;
        var wait = _changed.Values.Min(changed => changed.Until) - _time.GetUtcNow();
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Makes the logger factory read the rules again.</summary>
    private void Notify()
    {
        // One at a time: otherwise an earlier state could be applied last.
        lock (_notifying)
        {
            CancellationTokenSource previous;
            lock (_lock)
            {
                if (_isDisposed)
                    return;
                previous = _change;
                _change = new CancellationTokenSource();
            }
            using (previous)
                previous.Cancel();
        }
    }
}
