using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Encrypts stored values of replaced keys again.</summary>
internal static class KeysReencryptCommand
{
    private const int MaxRate = 1_000_000;

    public static ToolCommand Create()
    {
        var options = new KeyStoreOptions();
        var decision = new DecisionOptions();
        var subject = new Option<string?>("--subject")
        {
            HelpName = "SUBJECT",
            Description = "Only the values of a data subject, such as customer-42. Default: all values.",
        };
        var rate = new Option<int>("--rate")
        {
            HelpName = "NUMBER",
            Description = "The maximum number of documents in a second.",
            DefaultValueFactory = static _ => new ReencryptionRequest("", "").MaxDocumentsPerSecond,
        };
        var command = new ToolCommand(
            "reencrypt", "Encrypts all stored values of replaced keys again, except those in events.")
        {
            Examples =
            [
                ("keys reencrypt --keys keys.db --reason 'stolen laptop'", "After an interruption, run it again"),
            ],
        };
        command.Options.Add(subject);
        command.Options.Add(rate);
        options.AddTo(command);
        decision.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var reason = decision.RequiredReason(call, "stolen laptop");
            if (call.Get(rate) is < 1 or > MaxRate)
                throw new CliException(ExitCode.Usage, $"--rate must be from 1 to {MaxRate:N0}.");
            await using var keyStore = options.Store(call);
            var keys = DataKeys.Of(keyStore, options.MasterKeys(call), call.Time);
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var request = new ReencryptionRequest(decision.By(call), reason)
            {
                Subject = call.Get(subject),
                MaxDocumentsPerSecond = call.Get(rate),
            };
            var result = await Run(call, new KeyMaintenance(open.Store, keys), request, cancellationToken);
            Write(call, result);
            return result.Remaining == 0 ? ExitCode.Done : ExitCode.Store;
        });
    }

    private static async Task<ReencryptionResult> Run(
        ToolInvocation call,
        KeyMaintenance maintenance,
        ReencryptionRequest request,
        CancellationToken cancellationToken)
    {
        using var bar = new ProgressIndicator(call);
        return await maintenance.Reencrypt(request, bar, cancellationToken);
    }

    private static void Write(ToolInvocation call, ReencryptionResult result)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("id"u8, result.Id);
                writer.WriteString("subject"u8, result.Subject);
                writer.WriteBoolean("wasContinued"u8, result.WasContinued);
                writer.WriteNumber("inspected"u8, result.Inspected);
                writer.WriteNumber("rewritten"u8, result.Rewritten);
                writer.WriteNumber("remaining"u8, result.Remaining);
            });
            return;
        }
        if (result.WasContinued)
            call.Line("Continued the operation that was interrupted.");
        call.Line(
            $"Encrypted {Counted.Of(result.Rewritten, "document")} again, of {TextTable.Number(result.Inspected)} "
                + "that were read.");
        call.Line(
            result.Remaining == 0
                ? "No document has a value of a replaced key."
                : $"{Counted.Of(result.Remaining, "document")} still have a value of a replaced key. Nodes use keys in "
                    + "memory for up to CacheTime: run it again then.");
    }
}
