using Millrace.Retention;

namespace Millrace;

/// <summary>Configures how long data is kept. A policy has exactly one of <see cref="KeepForever"/>,
/// <see cref="DeleteAfter"/> and <see cref="ArchiveAfter"/>, or only <see cref="ErasePersonalDataAfter"/>.</summary>
public sealed class RetentionPolicy
{
    private readonly List<string> _evenIfReadBy = [];
    private readonly RetentionTarget _target;
    private readonly string _name;
    private readonly string? _tenant;
    private RetentionAction? _action;
    private RetentionPeriod? _after;
    private RetentionPeriod? _eraseAfter;
    private string? _member;
    private bool _hasSeveralActions;

    internal RetentionPolicy(RetentionTarget target, string name, string? tenant) =>
        (_target, _name, _tenant) = (target, name, tenant);

    /// <summary>Keeps the data for ever, even if a less specific policy would remove it.</summary>
    public RetentionPolicy KeepForever() => With(RetentionAction.Keep, null);

    /// <summary>
    /// Removes the data after a period. A category loses whole streams whose last event has expired. An event type is
    /// removed from the start of streams, up to the first event of another type or that has not expired.
    /// </summary>
    /// <param name="period">The period; null for <see cref="RetentionPeriod.Default"/>, which is 30 days.</param>
    public RetentionPolicy DeleteAfter(RetentionPeriod? period = null) =>
        With(RetentionAction.Delete, period ?? RetentionPeriod.Default);

    /// <summary>
    /// Writes the data to a file in <see cref="RetentionOptions.ArchiveDirectory"/>, reads the file back, and then
    /// removes the data as <see cref="DeleteAfter"/> does. <c>millrace import</c> reads the files.
    /// </summary>
    /// <param name="period">The period; null for <see cref="RetentionPeriod.Default"/>, which is 30 days.</param>
    public RetentionPolicy ArchiveAfter(RetentionPeriod? period = null) =>
        With(RetentionAction.Archive, period ?? RetentionPeriod.Default);

    /// <summary>
    /// Erases the personal data of a subject when all events with its values have expired. The application also needs
    /// <c>AddErasures</c>. A subject with a younger event is kept, and the report names the number of such subjects.
    /// </summary>
    /// <param name="period">The period; null for <see cref="RetentionPeriod.Default"/>, which is 30 days.</param>
    public RetentionPolicy ErasePersonalDataAfter(RetentionPeriod? period = null)
    {
        _eraseAfter = period ?? RetentionPeriod.Default;
        return this;
    }

    /// <summary>
    /// Uses a time in the events instead of the time at which they were recorded. A stream has the time of its last
    /// event with this member. Without such an event, it is kept.
    /// </summary>
    /// <param name="member">The JSON pointer of the member, such as <c>/dueDate</c>. Its value is an ISO 8601 date,
    /// which counts from its start in UTC, or an ISO 8601 date with time and offset.</param>
    public RetentionPolicy ByTimeIn(string member)
    {
        ArgumentException.ThrowIfNullOrEmpty(member);
        _member = member;
        return this;
    }

    /// <summary>
    /// Allows the removal of events that these read models read. A rebuild of such a read model gives another result
    /// afterwards. Without this call, events of read models are kept.
    /// </summary>
    /// <param name="readModels">The names of the read models.</param>
    public RetentionPolicy EvenIfReadBy(params IReadOnlyList<string> readModels)
    {
        ArgumentNullException.ThrowIfNull(readModels);
        _evenIfReadBy.AddRange(readModels);
        return this;
    }

    internal RetentionRule Build() => new()
    {
        Tenant = _tenant,
        Target = _target,
        Name = _name,
        Action = _action ?? RetentionAction.Keep,
        After = _after?.ToString(),
        EraseAfter = _eraseAfter?.ToString(),
        Member = _member,
        EvenIfReadBy = [.. _evenIfReadBy.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };

    internal IEnumerable<string> Problems()
    {
        var id = Build().Id;
        if (_hasSeveralActions)
            yield return $"{id}: has several of KeepForever, DeleteAfter and ArchiveAfter. Choose one.";
        if (_action is null && _eraseAfter is null)
            yield return $"{id}: has no action. Add KeepForever, DeleteAfter, ArchiveAfter or ErasePersonalDataAfter.";
        if ((_after?.Problem ?? _eraseAfter?.Problem) is { } problem)
            yield return $"{id}: {problem}";
        else if (_after is { } after && _eraseAfter is { } erase
            && erase.ExpiryOf(DateTimeOffset.UnixEpoch) >= after.ExpiryOf(DateTimeOffset.UnixEpoch))
            yield return $"{id}: personal data is erased after {erase}, but the events are removed earlier or at the "
                + $"same time, after {after}. Remove ErasePersonalDataAfter, or choose a shorter period.";
        if (_member is not null && !_member.StartsWith('/'))
            yield return $"{id}: '{_member}' is not a JSON pointer. Write it with slashes, such as /dueDate.";
        if (_target == RetentionTarget.Category && _name.Contains('-', StringComparison.Ordinal))
            yield return $"{id}: a category cannot contain '-', which separates it from the key.";
        if (_target == RetentionTarget.Category && _name.Contains('/', StringComparison.Ordinal))
            yield return $"{id}: a category cannot contain '/', which separates the name of a tenant. Use Tenant.";
        if (_name.StartsWith('$'))
            yield return $"{id}: streams and events of Millrace itself are never removed.";
    }

    private RetentionPolicy With(RetentionAction action, RetentionPeriod? after)
    {
        _hasSeveralActions |= _action is not null;
        (_action, _after) = (action, after);
        return this;
    }
}
