using System.Collections.Immutable;

namespace Millrace.Generators.Flows;

/// <summary>
/// The static analysis result of a value: its sources, and the values that decided it. For a new object in available
/// source, this is known for each member.
/// </summary>
internal sealed class Flow : IEquatable<Flow>
{
    private static readonly ImmutableHashSet<FlowSource> NoSources = ImmutableHashSet<FlowSource>.Empty;
    private static readonly ImmutableDictionary<string, Flow> NoMembers = ImmutableDictionary<string, Flow>.Empty;

    private Flow()
    {
    }

    /// <summary>Gets a constant value without sources.</summary>
    public static Flow Nothing { get; } = new();

    /// <summary>Gets the constant null. For a document, it means removal.</summary>
    public static Flow Null { get; } = new() { IsGone = true };

    /// <summary>Gets the result of a throw expression, which has no value.</summary>
    public static Flow Never { get; } = new() { IsOpaque = true };

    public ImmutableHashSet<FlowSource> Values { get; private init; } = NoSources;

    /// <summary>Gets the flow of everything outside <see cref="Members"/>.</summary>
    public ImmutableHashSet<FlowSource> Conditions { get; private init; } = NoSources;

    public ImmutableDictionary<string, Flow> Members { get; private init; } = NoMembers;

    /// <summary>
    /// Gets whether it was calculated and not only passed on, so the location of its sources in it is unknown.
    /// </summary>
    public bool IsOpaque { get; private init; }

    /// <summary>Gets whether it may be null because a method is declared so.</summary>
    public bool IsGone { get; private init; }

    /// <summary>Gets the code that runs when it is called; null for other values than functions.</summary>
    public FlowFunction? Function { get; private init; }

    /// <summary>Gets all sources of the value.</summary>
    public ImmutableHashSet<FlowSource> AllValues =>
        Members.Values.Aggregate(Values, (all, member) => all.Union(member.AllValues));

    public ImmutableHashSet<FlowSource> AllConditions =>
        Members.Values.Aggregate(Conditions, (all, member) => all.Union(member.AllConditions));

    /// <summary>Gets all sources on which a dependent value depends.</summary>
    public ImmutableHashSet<FlowSource> Sources => AllValues.Union(AllConditions);

    public static Flow Of(FlowRoot root) => new() { Values = NoSources.Add(new(root, null)) };

    public static Flow Of(FlowFunction function) => new() { Function = function };

    public static Flow Made(IEnumerable<KeyValuePair<string, Flow>> members) =>
        new() { Members = members.ToImmutableDictionary() };

    /// <summary>Returns the result of an operation on values: arithmetic, or external code.</summary>
    public static Flow Mixed(IEnumerable<Flow> parts)
    {
        var all = parts.ToList();
        return new()
        {
            Values = all.Aggregate(NoSources, (sum, part) => sum.Union(part.AllValues)),
            Conditions = all.Aggregate(NoSources, (sum, part) => sum.Union(part.AllConditions)),
            IsOpaque = true,
        };
    }

    /// <summary>
    /// Returns one of two values, selected by others. Parts that are equal in both do not depend on the selection.
    /// </summary>
    public static Flow Either(Flow one, Flow other, ImmutableHashSet<FlowSource> by)
    {
        if (ReferenceEquals(one, Never))
            return other;
        if (ReferenceEquals(other, Never))
            return one;
        if (ReferenceEquals(one, Null) || ReferenceEquals(other, Null))
            return ReferenceEquals(one, Null) ? other.OrNull(by) : one.OrNull(by);
        if (one.Equals(other))
            // The constants can be different.
            return one.Values.IsEmpty && one.Members.IsEmpty ? one.When(by) : one;
        var members = one.Members.Keys.Union(other.Members.Keys).ToImmutableDictionary(
            name => name, name => Either(one.Member(name), other.Member(name), by));
        var isDecided = !one.Values.SetEquals(other.Values) || members.IsEmpty;
        return new()
        {
            Values = one.Values.Union(other.Values),
            Conditions = one.Conditions.Union(other.Conditions).Union(isDecided ? by : NoSources),
            Members = members,
            IsOpaque = one.IsOpaque || other.IsOpaque,
            IsGone = one.IsGone || other.IsGone,
        };
    }

    public Flow Member(string name) => Members.TryGetValue(name, out var known)
        ? known
        : new() { Values = [.. Values.Select(source => source.Of(name))], Conditions = Conditions };

    /// <summary>Returns a copy with another value of a member.</summary>
    public Flow With(string name, Flow value) => new()
    {
        Values = Values,
        Conditions = Conditions,
        Members = Members.SetItem(name, value),
        IsOpaque = IsOpaque,
    };

    /// <summary>Returns a copy that also depends on these deciding values.</summary>
    public Flow When(ImmutableHashSet<FlowSource> by) => by.IsEmpty ? this : new()
    {
        Values = Values,
        Conditions = Conditions.Union(by),
        Members = Members.ToImmutableDictionary(member => member.Key, member => member.Value.When(by)),
        IsOpaque = IsOpaque,
        IsGone = IsGone,
        Function = Function,
    };

    /// <summary>Returns the flow of an item of a collection.</summary>
    public Flow Item() => Members.IsEmpty ? new() { Values = Values, Conditions = Conditions } : Mixed([this]);

    public bool Equals(Flow? other) => other is not null
        && IsOpaque == other.IsOpaque
        && IsGone == other.IsGone
        && Equals(Function, other.Function)
        && Values.SetEquals(other.Values)
        && Conditions.SetEquals(other.Conditions)
        && Members.Count == other.Members.Count
        && Members.All(member => other.Members.TryGetValue(member.Key, out var same) && member.Value.Equals(same));

    public override bool Equals(object? obj) => Equals(obj as Flow);

    public override int GetHashCode() => (Values.Count * 31) + Members.Count;

    private Flow OrNull(ImmutableHashSet<FlowSource> by) => new()
    {
        Values = Values,
        Conditions = Conditions.Union(by),
        Members = Members,
        IsOpaque = IsOpaque,
        IsGone = true,
        Function = Function,
    };
}
