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
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var proof = await Prove(open, call.Get(position), cancellationToken);
            using (var writer = new Utf8JsonWriter(call.Bytes, EventJson.WriterOptions))
                proof.WriteTo(writer);
            call.Bytes.WriteByte((byte)'\n');
            return ExitCode.Done;
        });
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
