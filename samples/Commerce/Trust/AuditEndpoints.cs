using System.Buffers;
using System.Text.Json;

namespace Commerce.Trust;

/// <summary>The endpoint with the proof that a seal covers an entry of the audit trail, for auditors.</summary>
public static class AuditEndpoints
{
    /// <summary>Maps the endpoint. The entries themselves are at <c>/millrace/audit</c>.</summary>
    public static void MapAuditProofs(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/audit/{position:long}/proof", Prove)
        .RequireAccess("operate audit")
        .ExcludeFromDescription();

    /// <summary>Returns the proof, which contains the event as it is stored, with encrypted values.</summary>
    private static async Task<IResult> Prove(long position, EventStore store, CancellationToken cancellationToken)
    {
        try
        {
            var proof = await new LogSeals(store).Prove(position, cancellationToken);
            var json = new ArrayBufferWriter<byte>();
            await using (var writer = new Utf8JsonWriter(json))
                proof.WriteTo(writer);
            return Results.File(json.WrittenSpan.ToArray(), "application/json", $"proof-{position}.json");
        }
        catch (PositionNotSealedException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status409Conflict);
        }
        catch (SealStateException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status500InternalServerError);
        }
    }
}
