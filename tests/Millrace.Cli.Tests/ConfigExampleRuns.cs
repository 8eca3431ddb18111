namespace Millrace.Cli.Tests;

/// <summary>Lists the examples of the command that shows settings of a folder.</summary>
internal static class ConfigExampleRuns
{
    public static ExampleRun[] All =>
    [
        new("config", 0, "Millrace:PageEvents", "file appsettings.json") { Prepare = WriteSettings },
        new("config Consumers --environment Staging", 0, "Millrace:Consumers:Workers", "appsettings.Staging.json")
        {
            Prepare = WriteSettings,
        },
        new("config --changed --json --folder /srv/shop", 3, "does not exist"),
        // ServerCommandTests run these with an application.
        new("config --server https://shop.example", 1, "cannot be reached"),
        new("audit list --server https://shop.example --json", 1, "cannot be reached"),
        new("readiness --server https://shop.example", 1, "cannot be reached"),
        new("readiness --server https://shop.example --json", 1, "cannot be reached"),
        new("tune --server https://shop.example", 1, "cannot be reached"),
        new("tune --server https://shop.example --consumer mail-sender --for 00:02:00", 1, "cannot be reached"),
    ];

    private static void WriteSettings(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "appsettings.json"), """{"Millrace": {"PageEvents": 500}}""");
        File.WriteAllText(
            Path.Combine(folder, "appsettings.Staging.json"), """{"Millrace": {"Consumers": {"Workers": 2}}}""");
    }
}
