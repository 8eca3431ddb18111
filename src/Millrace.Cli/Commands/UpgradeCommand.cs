using System.CommandLine;
using Millrace.PostgreSql;

namespace Millrace.Cli.Commands;

/// <summary>Brings a store up to this version: the one command that changes its schema.</summary>
internal static class UpgradeCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("upgrade",
            "Brings a store up to this version's schema. Applications of older versions cannot open it after that.")
        {
            Examples =
            [
                (
                    "upgrade --store shop.db",
                    "After keeping a copy of the file; every other command refuses an older one"),
            ],
        };
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var open = await OpenStore.ToUpgrade(call, cancellationToken);
            if (open.Storage is PostgreSqlStorage database)
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
