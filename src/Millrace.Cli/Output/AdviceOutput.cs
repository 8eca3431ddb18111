using System.Globalization;
using System.Text.Json;

namespace Millrace.Cli.Output;

/// <summary>Writes proposals, remembered queries and built indexes.</summary>
internal static class AdviceOutput
{
    public static void Write(ToolInvocation call, IReadOnlyList<QueryAdvice> all)
    {
        if (all.All(static advice => advice.Kind == AdviceKind.Omission))
            call.Line("There is nothing to propose. See 'millrace advise queries' for the remembered queries.");
        foreach (var advice in all)
        {
            if (advice.Kind == AdviceKind.Omission)
            {
                call.Line($"Not proposed: {advice.Name}. {advice.Reason}");
                continue;
            }
            var facts = TextTable.OfFacts()
                .Add(TextOf(advice.Kind), advice.Name)
                .Add("source", advice.Source);
            if (advice.Fields.Count > 0)
                facts.Add("members", string.Join(", ", advice.Fields));
            if (advice.Kind == AdviceKind.CreateIndex)
                facts.Add("kind", KindText(advice));
            foreach (var use in advice.Queries.Take(3))
                facts.Add("query", $"{use.Shape} ({Counted.Of(use.Count, "execution")})");
            facts.Add("reason", advice.Reason);
            if (advice.Trial is { } trial)
                facts
                    .Add("rows read", $"{Rows(trial.Before)} without, {Rows(trial.After)} with the index")
                    .Add("size", ByteSizeText.Of(trial.SizeBytes))
                    .Add("build time", trial.BuildTime is { } build ? $"{build.TotalSeconds:N1} s" : "unknown")
                    .Add("write cost", trial.WriteTime is { } time ? $"{Microseconds(time)} per document" : "unknown");
            if (advice.Kind != AdviceKind.RemoveIndex)
                facts.Add("saved time", $"{advice.SavedTime.TotalMilliseconds:N0} ms of the remembered queries");
            if (advice.SizeBytes is { } size)
                facts.Add("size", $"{ByteSizeText.Of(size)} for each combination of values");
            if (advice.RefreshTime is { } refresh)
                facts.Add("refresh cost", $"{refresh.TotalMilliseconds:N1} ms");
            if (advice.RefreshInterval is { } interval)
                facts.Add("refresh", $"every {interval.TotalSeconds:N0} s");
            facts.Write(call);
        }
    }

    public static void Write(ToolInvocation call, AppliedIndex applied) =>
        TextTable.OfFacts()
            .Add("index", applied.Index.Name)
            .Add("members", string.Join(", ", applied.Index.Fields))
            .Add("plan before", QueryPlanOutput.NameOf(applied.Before.Plan))
            .Add("plan now", QueryPlanOutput.NameOf(applied.After.Plan))
            .Add("time before", $"{applied.Before.Duration.TotalMilliseconds:N3} ms")
            .Add("time now", $"{applied.After.Duration.TotalMilliseconds:N3} ms")
            .Add("gain", $"{applied.Index.Speedup:N1} times faster")
            .Add("size", ByteSizeText.Of(applied.Index.SizeBytes))
            .Add("build time", $"{applied.BuildTime.TotalMilliseconds:N0} ms")
            .Write(call);

    public static void Add(TextTable table, QueryUse use) => table.Add(
        use.Shape.ToString(),
        TextTable.Number(use.Count),
        TextTable.Number(use.Rows),
        (use.TotalTime / Math.Max(1, use.Count)).TotalMilliseconds.ToString("N3", CultureInfo.InvariantCulture),
        Time(use.LastUse));

    public static void Add(TextTable table, AdvisedIndex index) => table.Add(
        index.Name,
        index.ReadModel,
        string.Join(", ", index.Fields),
        NameOf(index.State),
        ByteSizeText.Of(index.SizeBytes),
        index.Speedup.ToString("N1", CultureInfo.InvariantCulture),
        Time(index.BuiltAt));

    public static void WriteMembers(Utf8JsonWriter writer, QueryAdvice advice)
    {
        writer.WriteString("kind"u8, NameOf(advice.Kind));
        writer.WriteString("name"u8, advice.Name);
        writer.WriteString("source"u8, advice.Source);
        WriteFields(writer, advice.Fields);
        writer.WriteString("suggestedKind"u8, NameOf(advice.SuggestedKind));
        writer.WriteString("builtKind"u8, NameOf(advice.BuiltKind));
        writer.WriteString("frequency"u8, NameOf(advice.Frequency));
        writer.WriteString("reason"u8, advice.Reason);
        writer.WriteNumber("savedMilliseconds"u8, advice.SavedTime.TotalMilliseconds);
        writer.WriteBoolean("canApply"u8, advice.CanApply);
        if (advice.SizeBytes is { } size)
            writer.WriteNumber("sizeBytes"u8, size);
        if (advice.RefreshTime is { } refresh)
            writer.WriteNumber("refreshMilliseconds"u8, refresh.TotalMilliseconds);
        if (advice.RefreshInterval is { } interval)
            writer.WriteNumber("refreshSeconds"u8, interval.TotalSeconds);
        if (advice.Trial is { } trial)
        {
            writer.WriteStartObject("trial"u8);
            writer.WriteString("method"u8, trial.Method);
            writer.WriteNumber("sizeBytes"u8, trial.SizeBytes);
            if (trial.WriteTime is { } write)
                writer.WriteNumber("writeMicroseconds"u8, write.TotalMicroseconds);
            if (trial.BuildTime is { } build)
                writer.WriteNumber("buildMilliseconds"u8, build.TotalMilliseconds);
            WriteExplanation(writer, "before", trial.Before);
            WriteExplanation(writer, "after", trial.After);
            writer.WriteEndObject();
        }
        writer.WriteStartArray("queries"u8);
        foreach (var use in advice.Queries)
        {
            writer.WriteStartObject();
            WriteMembers(writer, use);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    public static void WriteMembers(Utf8JsonWriter writer, QueryUse use)
    {
        writer.WriteString("shape"u8, use.Shape.ToString());
        writer.WriteNumber("count"u8, use.Count);
        writer.WriteNumber("rows"u8, use.Rows);
        writer.WriteNumber("milliseconds"u8, use.TotalTime.TotalMilliseconds);
        writer.WriteString("firstUse"u8, use.FirstUse);
        writer.WriteString("lastUse"u8, use.LastUse);
    }

    public static void WriteMembers(Utf8JsonWriter writer, AdvisedIndex index)
    {
        writer.WriteString("name"u8, index.Name);
        writer.WriteString("readModel"u8, index.ReadModel);
        WriteFields(writer, index.Fields);
        writer.WriteNumber("sizeBytes"u8, index.SizeBytes);
        writer.WriteNumber("speedup"u8, index.Speedup);
        writer.WriteString("state"u8, NameOf(index.State));
        writer.WriteString("builtAt"u8, index.BuiltAt);
    }

    public static void WriteMembers(Utf8JsonWriter writer, AppliedIndex applied)
    {
        WriteMembers(writer, applied.Index);
        writer.WriteNumber("buildMilliseconds"u8, applied.BuildTime.TotalMilliseconds);
        WriteExplanation(writer, "before", applied.Before);
        WriteExplanation(writer, "after", applied.After);
    }

    private static void WriteExplanation(Utf8JsonWriter writer, string name, QueryExplanation explained)
    {
        writer.WriteStartObject(name);
        QueryPlanOutput.WriteMembers(writer, explained);
        writer.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, IReadOnlyList<string> fields)
    {
        writer.WriteStartArray("fields"u8);
        foreach (var field in fields)
            writer.WriteStringValue(field);
        writer.WriteEndArray();
    }

    private static string TextOf(AdviceKind kind) => kind switch
    {
        AdviceKind.CreateIndex => "build index",
        AdviceKind.RemoveIndex => "remove index",
        AdviceKind.MaterializedView => "materialized view",
        _ => "cache results",
    };

    private static string KindText(QueryAdvice advice) => advice.SuggestedKind == IndexKind.Hash
        ? "B-tree (a hash, which the frequency suggests, has one member and no order)"
        : "B-tree";

    private static string Rows(QueryExplanation explained) =>
        explained.ReadRows is { } rows ? TextTable.Number(rows) : "at least " + TextTable.Number(explained.Rows);

    private static string Microseconds(TimeSpan time) =>
        time.TotalMicroseconds.ToString("N1", CultureInfo.InvariantCulture) + " µs";

    private static string Time(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string NameOf<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
