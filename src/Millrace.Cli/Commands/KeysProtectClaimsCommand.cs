using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Replaces the plain values of the claims of a scope by hashes.</summary>
internal static class KeysProtectClaimsCommand
{
    private const int MaxLines = 20;

    public static ToolCommand Create()
    {
        var options = new KeyStoreOptions();
        var decision = new DecisionOptions();
        var scope = new Argument<string>("scope") { Description = "The scope of the claims, such as customer-email." };
        var command = new ToolCommand(
            "protect-claims",
            "Replaces plain values of claims by keyed hashes. First stop the programs that claim values of the scope.")
        {
            Examples =
            [
                (
                    "keys protect-claims customer-email --keys keys.db --reason 'privacy review'",
                    "After an interruption, run it again"),
            ],
        };
        command.Arguments.Add(scope);
        options.AddTo(command);
        decision.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var reason = decision.RequiredReason(call, "privacy review");
            await using var keyStore = options.Store(call);
            var keys = DataKeys.Of(keyStore, options.MasterKeys(call), call.Time);
            await using var open = await OpenStore.Existing(call, cancellationToken);
            var request = new ClaimProtectionRequest(call.Get(scope)!, decision.By(call), reason)
            {
                Tenant = TenantTemplate.SpecifiedTenant(call)?.Value,
            };
            var result = await Run(call, new KeyMaintenance(open.Store, keys), request, cancellationToken);
            Write(call, result);
            return result.Conflicts.Count == 0 ? ExitCode.Done : ExitCode.Store;
        });
    }

    private static async Task<ClaimProtectionResult> Run(
        ToolInvocation call,
        KeyMaintenance maintenance,
        ClaimProtectionRequest request,
        CancellationToken cancellationToken)
    {
        using var bar = new ProgressIndicator(call);
        return await maintenance.ProtectClaims(request, bar, cancellationToken);
    }

    private static void Write(ToolInvocation call, ClaimProtectionResult result)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("id"u8, result.Id);
                writer.WriteString("scope"u8, result.Scope);
                writer.WriteBoolean("wasContinued"u8, result.WasContinued);
                writer.WriteNumber("replaced"u8, result.Replaced);
                writer.WriteStartArray("conflicts"u8);
                foreach (var owner in result.Conflicts)
                    writer.WriteStringValue(owner);
                writer.WriteEndArray();
            });
            return;
        }
        if (result.WasContinued)
            call.Line("Continued the operation that was interrupted.");
        call.Line($"Replaced {Counted.Of(result.Replaced, "plain claim")} by hashes.");
        if (result.Conflicts.Count == 0)
            return;
        call.Line("These owners still have plain claims, because another owner has the same value:");
        foreach (var owner in result.Conflicts.Take(MaxLines))
            call.Line($"  {owner}");
        call.Line("Release the claims of one of the owners, and run the command again.");
    }
}
