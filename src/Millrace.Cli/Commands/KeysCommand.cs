using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Lists, wraps, replaces and checks the data keys of encrypted values, and encrypts values again.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("keys", "Lists, wraps, replaces and checks the keys of encrypted values.")
        {
            Examples =
            [
                ("keys list --keys keys.db", "The number of keys of each kind"),
                ("keys verify --keys keys.db", "Whether every event can be decrypted"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(Rewrap());
        command.Subcommands.Add(Replace());
        command.Subcommands.Add(KeysReencryptCommand.Create());
        command.Subcommands.Add(KeysProtectClaimsCommand.Create());
        command.Subcommands.Add(KeysVerifyCommand.Create());
        command.Subcommands.Add(KeysLostCommand.Create());
        command.Subcommands.Add(KeysUnmarkedCommand.Create());
        return command;
    }

    private static ToolCommand List()
    {
        var options = new KeyStoreOptions();
        var command = new ToolCommand("list", "Counts keys by tenant, kind, state and master key. It needs no secret.")
        {
            Examples = [("keys list --keys keys.db --json", "For a program")],
        };
        options.AddStoreTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var store = options.Store(call);
            await store.Open(cancellationToken);
            var counts = new SortedDictionary<(string Tenant, string Kind, string State, string MasterKey), long>();
            await foreach (var key in KeyPages.Read(store.List, new KeyQuery(), cancellationToken))
            {
                var group = (key.Owner.Tenant, key.Owner.Kind, key.State.ToString(), key.MasterKeyId);
                counts[group] = counts.GetValueOrDefault(group) + 1;
            }
            Write(call, counts);
            return ExitCode.Done;
        });
    }

    private static void Write(
        ToolInvocation call,
        SortedDictionary<(string Tenant, string Kind, string State, string MasterKey), long> counts)
    {
        if (call.IsJson)
        {
            JsonOutput.Array(call, counts, static (writer, group) =>
            {
                writer.WriteString("tenant"u8, group.Key.Tenant);
                writer.WriteString("kind"u8, group.Key.Kind);
                writer.WriteString("state"u8, group.Key.State);
                writer.WriteString("masterKey"u8, group.Key.MasterKey);
                writer.WriteNumber("keys"u8, group.Value);
            });
            return;
        }
        var rows = new TextTable("tenant", "kind", "state", "master key", "#keys");
        foreach (var (group, number) in counts)
            rows.Add(group.Tenant, group.Kind, group.State, group.MasterKey, TextTable.Number(number));
        rows.Write(call, "There are no keys.");
    }

    private static ToolCommand Rewrap()
    {
        var options = new KeyStoreOptions();
        var command = new ToolCommand(
            "rewrap", "Wraps all keys with the current master key, after a change of the passphrase.")
        {
            Examples =
            [
                ("keys rewrap --keys keys.db --former-passphrase-file old.txt", "After an interruption, run it again"),
                ("keys rewrap --keys keys.db --store shop.db", "Also recorded in the audit trail of the store"),
            ],
        };
        options.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var store = options.Store(call);
            var keys = DataKeys.Of(store, options.MasterKeys(call), call.Time);
            await using var audit = await KeysAudit.Open(call, cancellationToken);
            var total = await audit.Run(
                "keys.rewrapped",
                store.Description,
                number => Counted.Of(number, "key"),
                () => RewrapAll(keys, cancellationToken));
            if (call.IsJson)
                JsonOutput.Object(call, writer => writer.WriteNumber("rewrapped"u8, total));
            else
                call.Line($"Wrapped {Counted.Of(total, "key")} again. Back up the key store.");
            return ExitCode.Done;
        });
    }

    private static async Task<long> RewrapAll(DataKeys keys, CancellationToken cancellationToken)
    {
        var total = 0L;
        // Nodes with the former configuration can add keys meanwhile.
        while (await keys.RewrapAll(cancellationToken: cancellationToken) is > 0 and var number)
            total += number;
        return total;
    }

    private static ToolCommand Replace()
    {
        var options = new KeyStoreOptions();
        var subject = new Argument<string>("SUBJECT") { Description = "The data subject, such as customer-42." };
        var command = new ToolCommand(
            "replace", "Creates new keys for the new values of a data subject. Stored values keep their keys.")
        {
            Examples = [("keys replace customer-42 --keys keys.db", "All kinds of data of the subject")],
        };
        command.Arguments.Add(subject);
        options.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var store = options.Store(call);
            var keys = DataKeys.Of(store, options.MasterKeys(call), call.Time);
            var query = new KeyQuery { Subject = call.Get(subject), Tenant = call.Get(GlobalOptions.Tenant) };
            var owners = new List<KeyOwner>();
            await foreach (var key in KeyPages.Read(keys.List, query, cancellationToken))
            {
                if (key.State == KeyState.Active)
                    owners.Add(key.Owner);
            }
            if (owners.Count == 0)
                throw new CliException(ExitCode.NotFound, $"'{call.Get(subject)}' has no active key.");
            await using var audit = await KeysAudit.Open(call, cancellationToken);
            var replaced = await audit.Run(
                "keys.replaced",
                call.Get(subject),
                number => Counted.Of(number, "key"),
                () => ReplaceAll(keys, owners, cancellationToken));
            if (call.IsJson)
                JsonOutput.Object(call, writer => writer.WriteNumber("replaced"u8, replaced));
            else
                call.Line($"Replaced {Counted.Of(replaced, "key")}. Back up the key store.");
            return ExitCode.Done;
        });
    }

    private static async Task<int> ReplaceAll(
        DataKeys keys, List<KeyOwner> owners, CancellationToken cancellationToken)
    {
        var replaced = 0;
        foreach (var owner in owners)
            replaced += await keys.Replace(owner, cancellationToken) ? 1 : 0;
        return replaced;
    }
}
