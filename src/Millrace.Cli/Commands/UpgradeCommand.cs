using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.PostgreSql;

namespace Millrace.Cli.Commands;

/// <summary>Upgrades the schema of a store. No other command changes the schema.</summary>
internal static class UpgradeCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("upgrade",
            "Upgrades a store to the schema of this version. Applications of older versions cannot open it afterwards.")
        {
            Examples =
            [
                (
                    "upgrade --store shop.db",
                    "Keep a copy of the file first; all other commands reject an older schema"),
            ],
        };
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var open = await OpenStore.ToUpgrade(call, cancellationToken);
            if (open.SharedStorage is PostgreSqlStorage database)
                await database.BuildIndexes(cancellationToken);
            var info = await open.Store.GetInfo(cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => writer.WriteNumber("schemaVersion"u8, info.SchemaVersion));
            else
                call.Line($"{open.File} is up to date, with schema version {info.SchemaVersion}.");
            return ExitCode.Done;
        });
    }
}
