using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Declares a data key lost, so that readers receive erased values instead of an error.</summary>
internal static class KeysLostCommand
{
    public static ToolCommand Create()
    {
        var options = new KeyStoreOptions();
        var decision = new DecisionOptions();
        var id = new Argument<string>("KEY") { Description = "The id of the key, from keys verify." };
        var command = new ToolCommand(
            "lost", "Declares a key lost for ever, so that readers receive erased values instead of an error.")
        {
            Examples =
            [
                ("keys lost 3q2-7wAAAAAAAAAAAAAAAA --keys keys.db --reason 'no backup'", "Recorded in the log"),
            ],
        };
        command.Arguments.Add(id);
        options.AddTo(command);
        decision.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var reason = decision.RequiredReason(call, "no backup");
            await using var keyStore = options.Store(call);
            var keys = DataKeys.Of(keyStore, options.MasterKeys(call), call.Time);
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var lost = await new KeyMaintenance(open.Store, keys)
                .DeclareLost(call.Get(id), reason, decision.By(call), cancellationToken);
            Write(call, lost);
            return ExitCode.Done;
        });
    }

    private static void Write(ToolInvocation call, LostKey lost)
    {
        if (!call.IsJson)
        {
            call.Line(
                $"{lost.KeyId} is declared lost. Its values, from position {lost.FirstPosition}, are erased for "
                    + "readers. Rebuild the read models that contain them.");
            return;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteString("keyId"u8, lost.KeyId);
            writer.WriteString("reason"u8, lost.Reason);
            writer.WriteString("by"u8, lost.By);
            writer.WriteNumber("firstPosition"u8, lost.FirstPosition);
        });
    }
}
