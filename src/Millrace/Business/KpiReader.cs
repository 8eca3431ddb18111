using System.Globalization;

namespace Millrace.Business;

/// <summary>Reads business figures, and adds the hours to longer periods.</summary>
internal sealed class KpiReader(IKpiSource source, TimeProvider time)
{
    private const int KeysPerRead = 500;
    private const int MaxHours = 1_000_000;
    private const int MaxCells = 1_000_000;
    private const int MaxSeries = 1_000;
    private const int FirstYear = 1000;
    private const int LastYear = 9000;

    public async Task<IReadOnlyList<KpiInfo>> List(CancellationToken cancellationToken)
    {
        var all = new List<KpiInfo>();
        foreach (var kpi in await source.List(cancellationToken).ConfigureAwait(false))
        {
            var range = await source.GetRange(kpi, default, cancellationToken).ConfigureAwait(false);
            all.Add(kpi with { First = range.First, Last = range.Last });
        }
        return all;
    }

    public ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken) =>
        source.GetToken(cancellationToken);

    public async Task<KpiSeries> Read(KpiQuery query, CancellationToken cancellationToken)
    {
        Check(query);
        if (query.Dimension is null != query.Member is null)
            throw new ArgumentException(
                "Set both Dimension and Member, or neither of them. ReadMembers reads all members.", nameof(query));
        var builder = await Load(query, cancellationToken).ConfigureAwait(false);
        return builder.Build(query.Member, builder.TimesOf(query.Member ?? ""));
    }

    public async Task<IReadOnlyList<KpiSeries>> ReadMembers(KpiQuery query, CancellationToken cancellationToken)
    {
        Check(query);
        if (query.Dimension is null || query.Member is not null)
            throw new ArgumentException("Set Dimension, and not Member.", nameof(query));
        if (query.MaxMembers is < 1 or > MaxSeries)
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"MaxMembers must be from 1 to {MaxSeries:N0}."),
                nameof(query));
        var builder = await Load(query, cancellationToken).ConfigureAwait(false);
        return builder.BuildMembers(query.MaxMembers);
    }

    /// <summary>Returns a requirement with the remaining wait, so that several reads together wait once.</summary>
    public static ReadAfter Rest(ReadAfter after, TimeSpan elapsed) => after.Wait is not { } wait ? after
        : after with { Wait = wait > elapsed ? wait - elapsed : TimeSpan.Zero };

    private async Task<KpiSeriesBuilder> Load(KpiQuery query, CancellationToken cancellationToken)
    {
        var kpi = await Find(query, cancellationToken).ConfigureAwait(false);
        var range = await source.GetRange(kpi, query.After, cancellationToken).ConfigureAwait(false);
        kpi = kpi with { First = range.First, Last = range.Last };
        var builder = new KpiSeriesBuilder(query, kpi, time.GetUtcNow());
        RequireLimit("number of points", builder.PeriodCount, Kpis.MaxPoints, "fixed: use a longer step");
        builder.Add(new KpiBuckets([], range.Freshness));
        var from = range.First is { } first && first > builder.ReadFrom ? first : builder.ReadFrom;
        var to = range.Last is not { } last ? from : last < builder.End ? last.AddHours(1) : builder.End;
        RequireLimit("number of hours", (long)Math.Max(0, (to - from).TotalHours), MaxHours, "fixed: read less time");
        var freshness = range.Freshness;
        for (var hour = from; hour < to; hour = hour.AddHours(KeysPerRead))
        {
            var end = hour.AddHours(KeysPerRead) < to ? hour.AddHours(KeysPerRead) : to;
            // After a read that has waited in vain, the others do not wait.
            var after = freshness.IsFresh ? query.After : query.After with { Wait = TimeSpan.Zero };
            freshness = freshness.CombineWith(
                await ReadPart(builder, hour, end, after, cancellationToken).ConfigureAwait(false));
            RequireLimit("number of values of members", builder.CellCount, MaxCells, "fixed: read less time");
        }
        return builder;
    }

    private async Task<Freshness> ReadPart(
        KpiSeriesBuilder builder,
        DateTimeOffset from,
        DateTimeOffset to,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        for (var hour = from; hour < to; hour = hour.AddHours(1))
            keys.Add(KpiBucket.KeyOf(hour, builder.Query.Dimension));
        var found = await source.GetMany(builder.Kpi, keys, after, cancellationToken).ConfigureAwait(false);
        builder.Add(found);
        return found.Freshness;
    }

    private async Task<KpiInfo> Find(KpiQuery query, CancellationToken cancellationToken)
    {
        var all = await source.List(cancellationToken).ConfigureAwait(false);
        var kpi = all.FirstOrDefault(one => one.Name == query.Name)
            ?? throw new KpiNotFoundException("KPI", query.Name, [.. all.Select(static one => one.Name)]);
        return query.Dimension is not { } dimension || kpi.Dimensions.Contains(dimension, StringComparer.Ordinal)
            ? kpi
            : throw new KpiNotFoundException($"dimension of the KPI '{kpi.Name}'", dimension, kpi.Dimensions);
    }

    private static void Check(KpiQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.To <= query.From)
            throw new ArgumentException("To must be after From.", nameof(query));
        if (query.From.Year < FirstYear || query.To.Year > LastYear)
            throw new ArgumentException($"The years must be from {FirstYear} to {LastYear}.", nameof(query));
        if (!Enum.IsDefined(query.Step))
            throw new ArgumentException($"{query.Step} is not a step.", nameof(query));
        if (query.Weeks is < 0 or > Kpis.MaxWeeks)
            throw new ArgumentException($"Weeks must be from 0 to {Kpis.MaxWeeks}.", nameof(query));
    }

    private static void RequireLimit(string quantity, long actual, long limit, string option)
    {
        if (actual > limit)
            throw new LimitExceededException(quantity, actual, limit, option);
    }
}
