namespace Millrace.Business;

/// <summary>Folds the values of events into the hours of a business figure.</summary>
internal sealed class KpiProjection(KpiDefinition definition) : Projection<string, KpiBucket>
{
    private const int MaxMemberLength = 200;

    private static readonly Dictionary<string, KpiCell> NoMembers = [];

    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
    {
        foreach (var hour in ValuesOf(recorded).Select(value => HourOf(value, recorded)).Distinct())
        {
            keys.Add(KpiBucket.KeyOf(hour, null));
            foreach (var dimension in definition.Dimensions)
                keys.Add(KpiBucket.KeyOf(hour, dimension));
        }
    }

    protected internal override KpiBucket? Fold(string key, KpiBucket? document, RecordedEvent recorded)
    {
        if (KpiBucket.HourIn(key) is not { } hour)
            return document;
        var dimension = definition.Dimensions.FirstOrDefault(name => KpiBucket.IsOf(key, name));
        var values = ValuesOf(recorded).Where(value => HourOf(value, recorded) == hour).ToList();
        if (values.Count == 0)
            return document;
        var bucket = document ?? new KpiBucket
        {
            Start = hour,
            Kind = definition.Kind,
            Unit = definition.Unit.Length > 0 ? definition.Unit : null,
            Dimension = dimension,
            Dimensions = dimension is null && definition.Dimensions.Count > 0 ? definition.Dimensions : null,
        };
        if (dimension is null)
            return bucket with { Total = (bucket.Total ?? KpiCell.Empty).Add(CellOf(values, recorded)) };
        return bucket with { Members = Add(bucket.Members, dimension, values, recorded) };
    }

    /// <summary>Returns a copy of the members with the values of an event.</summary>
    private Dictionary<string, KpiCell> Add(
        IReadOnlyDictionary<string, KpiCell>? members,
        string dimension,
        IReadOnlyList<KpiValue> values,
        RecordedEvent recorded)
    {
        var changed = new Dictionary<string, KpiCell>(members ?? NoMembers, StringComparer.Ordinal);
        var count = changed.Count;
        foreach (var group in values.GroupBy(value => NameOf(value, dimension, changed), StringComparer.Ordinal))
        {
            var cell = CellOf([.. group], recorded);
            changed[group.Key] = changed.TryGetValue(group.Key, out var existing) ? existing.Add(cell) : cell;
        }
        // A dictionary without removals has the order of the additions, so the stored JSON is sorted.
        return changed.Count == count
            ? changed
            : changed.OrderBy(static one => one.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>Returns the member under which a value is stored.</summary>
    private string NameOf(KpiValue value, string dimension, Dictionary<string, KpiCell> members)
    {
        var name = MemberOf(value, dimension);
        if (members.ContainsKey(name))
            return name;
        if (members.Count >= definition.MaxMembers)
            return Kpis.OtherMember;
        members.Add(name, KpiCell.Empty); // Later values of the event count against the limit.
        return name;
    }

    private List<KpiValue> ValuesOf(RecordedEvent recorded)
    {
        var values = new List<KpiValue>();
        definition.Measure(recorded, values);
        foreach (var value in values)
            Require(value);
        return values;
    }

    private void Require(KpiValue value)
    {
        if (value.Whole is null == (definition.Kind == KpiKind.Ratio))
            throw new InvalidOperationException(
                $"The KPI '{definition.Name}' is a {definition.Kind}, but its value is "
                    + (value.Whole is null ? "no ratio: use KpiValue.Ratio or KpiValue.Success." : "a ratio."));
        foreach (var dimension in value.Members.Keys)
        {
            if (!definition.Dimensions.Contains(dimension, StringComparer.Ordinal))
                throw new InvalidOperationException(
                    $"The KPI '{definition.Name}' has no dimension '{dimension}': add it to Dimensions of [Kpi].");
        }
    }

    private KpiCell CellOf(List<KpiValue> values, RecordedEvent recorded)
    {
        var sum = values.Sum(static value => value.Amount);
        var contribution = definition.Kind == KpiKind.Ratio
            ? values.Sum(static value => value.Whole ?? 0) - sum
            : sum;
        return new KpiCell
        {
            Sum = sum,
            Weight = definition.Kind switch
            {
                KpiKind.Sum or KpiKind.Count => null,
                KpiKind.Ratio => values.Sum(static value => value.Whole),
                _ => values.Count,
            },
            Count = 1,
            Largest = contribution == 0
                ? []
                : [new KpiContribution(recorded.Position, recorded.Stream.Value, contribution)],
            Durations = definition.Kind == KpiKind.Duration ? HistogramOf(values) : null,
        };
    }

    private static SortedDictionary<int, long> HistogramOf(IReadOnlyList<KpiValue> values)
    {
        var counts = new SortedDictionary<int, long>();
        foreach (var index in values.Select(static value => KpiHistogram.IndexOf(value.Amount)))
            counts[index] = counts.GetValueOrDefault(index) + 1;
        return counts;
    }

    private static DateTimeOffset HourOf(KpiValue value, RecordedEvent recorded) =>
        KpiBucket.HourOf(value.Time ?? recorded.Timestamp);

    private static string MemberOf(KpiValue value, string dimension)
    {
        if (value.Members.GetValueOrDefault(dimension) is not { Length: > 0 } member)
            return Kpis.NoMember;
        if (member.Length <= MaxMemberLength)
            return member;
        var length = char.IsHighSurrogate(member[MaxMemberLength - 1]) ? MaxMemberLength - 1 : MaxMemberLength;
        return member[..length];
    }
}
