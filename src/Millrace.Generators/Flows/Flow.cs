using System.Collections.Immutable;

namespace Millrace.Generators.Flows;

/// <summary>
/// The result of the static analysis of a value: the sources of the value, and the sources of the conditions that
/// selected it. For a new object in available source, each member has its own flow.
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

    /// <summary>Gets the constant null. As a document, it means that the document is removed.</summary>
    public static Flow Null { get; } = new() { MayBeNull = true };

    /// <summary>Gets the result of a throw expression, which has no value.</summary>
    public static Flow Never { get; } = new() { IsOpaque = true };

    /// <summary>Gets the sources of the value, except those of <see cref="Members"/>.</summary>
    public ImmutableHashSet<FlowSource> Values { get; private init; } = NoSources;

    /// <summary>Gets the sources of the conditions that selected the value.</summary>
    public ImmutableHashSet<FlowSource> Conditions { get; private init; } = NoSources;

    public ImmutableDictionary<string, Flow> Members { get; private init; } = NoMembers;

    /// <summary>
    /// Gets whether code calculated the value from its sources. It is then unknown which part of the value contains
    /// which source.
    /// </summary>
    public bool IsOpaque { get; private init; }

    /// <summary>Gets whether the value may be null.</summary>
    public bool MayBeNull { get; private init; }

    /// <summary>Gets the lambda expression if the value is a function; otherwise null.</summary>
    public FlowFunction? Function { get; private init; }

    /// <summary>Gets all sources of the value.</summary>
    public ImmutableHashSet<FlowSource> AllValues =>
        Members.Values.Aggregate(Values, (all, member) => all.Union(member.AllValues));

    public ImmutableHashSet<FlowSource> AllConditions =>
        Members.Values.Aggregate(Conditions, (all, member) => all.Union(member.AllConditions));

    /// <summary>Gets the sources of the value and of the conditions that selected it.</summary>
    public ImmutableHashSet<FlowSource> Sources => AllValues.Union(AllConditions);

    public static Flow Of(FlowRoot root) => new() { Values = NoSources.Add(new(root, null)) };

    public static Flow Of(FlowFunction function) => new() { Function = function };

    public static Flow OfMembers(IEnumerable<KeyValuePair<string, Flow>> members) =>
        new() { Members = members.ToImmutableDictionary() };

    /// <summary>Returns the flow of a value that an operation or external code calculates from other values.</summary>
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
    /// Returns the flow of a choice between two values. Parts that are equal in both values do not depend on the
    /// conditions.
    /// </summary>
    public static Flow Either(Flow first, Flow second, ImmutableHashSet<FlowSource> conditions)
    {
        if (ReferenceEquals(first, Never))
            return second;
        if (ReferenceEquals(second, Never))
            return first;
        if (ReferenceEquals(first, Null) || ReferenceEquals(second, Null))
            return ReferenceEquals(first, Null) ? second.OrNull(conditions) : first.OrNull(conditions);
        if (first.Equals(second))
            // The constants can be different.
            return first.Values.IsEmpty && first.Members.IsEmpty ? first.When(conditions) : first;
        var members = first.Members.Keys.Union(second.Members.Keys).ToImmutableDictionary(
            name => name, name => Either(first.Member(name), second.Member(name), conditions));
        var dependsOnConditions = !first.Values.SetEquals(second.Values) || members.IsEmpty;
        return new()
        {
            Values = first.Values.Union(second.Values),
            Conditions = first.Conditions.Union(second.Conditions).Union(dependsOnConditions ? conditions : NoSources),
            Members = members,
            IsOpaque = first.IsOpaque || second.IsOpaque,
            MayBeNull = first.MayBeNull || second.MayBeNull,
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

    /// <summary>Returns a copy that also depends on the sources of conditions.</summary>
    public Flow When(ImmutableHashSet<FlowSource> conditions) => conditions.IsEmpty ? this : new()
    {
        Values = Values,
        Conditions = Conditions.Union(conditions),
        Members = Members.ToImmutableDictionary(member => member.Key, member => member.Value.When(conditions)),
        IsOpaque = IsOpaque,
        MayBeNull = MayBeNull,
        Function = Function,
    };

    /// <summary>Returns the flow of an item of a collection.</summary>
    public Flow Item() => Members.IsEmpty ? new() { Values = Values, Conditions = Conditions } : Mixed([this]);

    public bool Equals(Flow? other) => other is not null
        && IsOpaque == other.IsOpaque
        && MayBeNull == other.MayBeNull
        && Equals(Function, other.Function)
        && Values.SetEquals(other.Values)
        && Conditions.SetEquals(other.Conditions)
        && Members.Count == other.Members.Count
        && Members.All(member => other.Members.TryGetValue(member.Key, out var same) && member.Value.Equals(same));

    public override bool Equals(object? obj) => Equals(obj as Flow);

    public override int GetHashCode() => (Values.Count * 31) + Members.Count;

    private Flow OrNull(ImmutableHashSet<FlowSource> conditions) => new()
    {
        Values = Values,
        Conditions = Conditions.Union(conditions),
        Members = Members,
        IsOpaque = IsOpaque,
        MayBeNull = true,
        Function = Function,
    };
}
