using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Writes the proof that a seal covers an event.</summary>
internal static class AuditProveCommand
{
    public static ToolCommand Create()
    {
        var position = new Argument<long>("position") { Description = "The position of the event in the log." };
        var command = new ToolCommand("prove", "Writes the proof that the last seal covers an event, as JSON.")
        {
            Examples =
            [
                ("audit prove 42", "The bytes of the event, the path of hashes, and the signed seal"),
                ("audit prove 42 > proof.json", "For the script in docs/how-to/audit-trail.md"),
            ],
        };
        command.Arguments.Add(position);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await CheckTenant(call, call.Get(position), cancellationToken);
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var proof = await Prove(open, call.Get(position), cancellationToken);
            using (var writer = new Utf8JsonWriter(call.Bytes, EventJson.WriterOptions))
                proof.WriteTo(writer);
            call.Bytes.WriteByte((byte)'\n');
            return ExitCode.Done;
        });
    }

    /// <summary>Checks that the event at a position belongs to the specified tenant of a shared store.</summary>
    /// <exception cref="CliException">The tenant has no event at this position.</exception>
    private static async Task CheckTenant(ToolInvocation call, long position, CancellationToken cancellationToken)
    {
        if (StoreLocator.Existing(call).Part is not { } tenant || position < 1)
            return;
        await using var open = await OpenStore.Existing(call, cancellationToken);
        await foreach (var recorded in open.Store.ReadLog(EventFilter.All, position - 1, cancellationToken))
        {
            if (recorded.Position == position)
                return;
            break;
        }
        throw new CliException(ExitCode.NotFound, $"The tenant '{tenant}' has no event at position {position}.");
    }

    private static async Task<InclusionProof> Prove(
        OpenStore open, long position, CancellationToken cancellationToken)
    {
        try
        {
            return await new LogSeals(open.Store).Prove(position, cancellationToken);
        }
        catch (PositionNotSealedException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message, "See 'millrace audit verify'.");
        }
        catch (SealStateException exception)
        {
            throw new CliException(ExitCode.Store, exception.Message, "See 'millrace audit verify'.");
        }
    }
}
