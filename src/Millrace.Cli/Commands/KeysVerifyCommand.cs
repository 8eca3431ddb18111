using System.Text.Json;
using Millrace.Cli.Models;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Unwraps every key, and finds the keys of events that the key store does not contain.</summary>
internal static class KeysVerifyCommand
{
    private const int MaxLines = 100;

    public static ToolCommand Create()
    {
        var options = new KeyStoreOptions();
        var command = new ToolCommand(
            "verify", "Unwraps every key, and finds the keys of events that the key store does not contain.")
        {
            Examples =
            [
                ("keys verify --keys keys.db", "Exit code 0 if every event can be decrypted, else 5"),
            ],
        };
        options.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var keyStore = options.Store(call);
            var keys = DataKeys.Of(keyStore, options.MasterKeys(call), call.Time);
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var report = await Verify(call, new KeyMaintenance(open.Store, keys), cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteJson(writer, report));
            else
                Write(call, report);
            return report.IsSound ? ExitCode.Done : ExitCode.Store;
        });
    }

    private static async Task<KeyReport> Verify(
        ToolInvocation call, KeyMaintenance maintenance, CancellationToken cancellationToken)
    {
        using var bar = new ProgressIndicator(call);
        return await maintenance.Verify(bar, cancellationToken);
    }

    private static void Write(ToolInvocation call, KeyReport report)
    {
        foreach (var key in report.Unusable.Take(MaxLines))
            call.Line($"{key.KeyId}: {key.Problem}");
        foreach (var key in report.Missing.Take(MaxLines))
        {
            call.Line(
                $"{key.KeyId}: is missing. {Counted.Of(key.Values, "value")} from position {key.FirstPosition}"
                    + (key.IsDeclaredLost ? ", declared lost." : "."));
        }
        var facts = TextTable.OfFacts();
        facts.Add("Keys", TextTable.Number(report.Keys));
        facts.Add("Destroyed keys", TextTable.Number(report.DestroyedKeys));
        facts.Add("Unusable keys", TextTable.Number(report.Unusable.Count));
        facts.Add("Missing keys", TextTable.Number(report.Missing.Count));
        facts.Add("Replaced keys in documents", TextTable.Number(report.Replaced.Count(key => key.Documents > 0)));
        facts.Add("Replaced keys in events", TextTable.Number(report.Replaced.Count(key => key.LogValues > 0)));
        facts.Add("Encrypted events", TextTable.Number(report.EncryptedEvents));
        facts.Write(call);
        call.Line(
            report.IsSound
                ? "Every event can be decrypted, or its key was declared lost or destroyed."
                : "Restore the newest backup of the key store. If a key is lost for ever: millrace keys lost KEY");
    }

    private static void WriteJson(Utf8JsonWriter writer, KeyReport report)
    {
        writer.WriteBoolean("isSound"u8, report.IsSound);
        writer.WriteNumber("keys"u8, report.Keys);
        writer.WriteNumber("destroyedKeys"u8, report.DestroyedKeys);
        writer.WriteNumber("encryptedEvents"u8, report.EncryptedEvents);
        ModelJsonWriter.Each(writer, "unusable", report.Unusable, static (json, key) =>
        {
            json.WriteString("keyId"u8, key.KeyId);
            json.WriteString("problem"u8, key.Problem);
        });
        ModelJsonWriter.Each(writer, "missing", report.Missing, static (json, key) =>
        {
            json.WriteString("keyId"u8, key.KeyId);
            json.WriteNumber("firstPosition"u8, key.FirstPosition);
            json.WriteNumber("values"u8, key.Values);
            json.WriteBoolean("isDeclaredLost"u8, key.IsDeclaredLost);
        });
        ModelJsonWriter.Each(writer, "replaced", report.Replaced, static (json, key) =>
        {
            json.WriteString("keyId"u8, key.KeyId);
            json.WriteString("tenant"u8, key.Owner.Tenant);
            json.WriteString("subject"u8, key.Owner.Subject);
            json.WriteString("kind"u8, key.Owner.Kind);
            json.WriteNumber("logValues"u8, key.LogValues);
            json.WriteNumber("documents"u8, key.Documents);
        });
    }
}
