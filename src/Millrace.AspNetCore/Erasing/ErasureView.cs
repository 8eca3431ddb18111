namespace Millrace.AspNetCore.Erasing;

/// <summary>An erasure in a response.</summary>
internal sealed record ErasureView(
    string Id,
    string Subject,
    IReadOnlyList<string> Kinds,
    string Reason,
    string By,
    DateTimeOffset? RequestedAt,
    string State,
    string? Refusal,
    string? StopReason,
    IReadOnlyList<ErasureStep> Steps,
    IReadOnlyList<ErasureLocation> Found,
    IReadOnlyList<string> KeyIds,
    IReadOnlyList<ErasureLocation> Copies,
    IReadOnlyList<ErasureLocation> Verified)
{
    public static ErasureView Of(ErasureInfo erasure) => new(
        erasure.Request.Id,
        erasure.Request.Subject,
        erasure.Request.Kinds,
        erasure.Request.Reason,
        erasure.Request.By,
        erasure.Request.RequestedAt,
        erasure.State.ToString(),
        erasure.Refusal,
        erasure.StopReason,
        erasure.Steps,
        erasure.Found,
        erasure.KeyIds,
        erasure.Copies,
        erasure.Verified);
}
