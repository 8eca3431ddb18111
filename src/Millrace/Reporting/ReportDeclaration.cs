using System.Text.Json;

namespace Millrace.Reporting;

/// <summary>What an application declares for its reports; the payload of <c>reports.declared</c>.</summary>
internal sealed record ReportDeclaration
{
    public static ReportDeclaration Empty { get; } = new();

    public DataController? Controller { get; init; }

    public IReadOnlyList<ProcessingActivity> Activities { get; init; } = [];

    /// <summary>The financial categories of streams.</summary>
    public IReadOnlyList<string> Financial { get; init; } = [];

    public IReadOnlyList<DutyRule> Duties { get; init; } = [];

    /// <summary>The places of marked values, according to the model.</summary>
    public IReadOnlyList<DataPlace> Places { get; init; } = [];

    /// <summary>Reads a declaration; null if the bytes have another form.</summary>
    public static ReportDeclaration? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ReportJson.Default.ReportDeclaration);
        }
        catch (JsonException) // A later version, or a changed database, wrote it.
        {
            return null;
        }
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ReportJson.Default.ReportDeclaration);

    public bool IsSameAs(ReportDeclaration other) => ToBytes().AsSpan().SequenceEqual(other.ToBytes());
}
