using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool shows and checks the settings in a folder.</summary>
public sealed class ConfigTests : IDisposable
{
    // A shared process would keep the variables for other tests.
    private readonly Tool _tool = new() { IsOwnProcess = true };

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_highest_layer_determines_each_value()
    {
        Write("appsettings.json", """{"Millrace": {"PageEvents": 1, "TailEvents": 1, "MaxQueuedRequests": 1}}""");
        Write("appsettings.Staging.json", """{"Millrace": {"TailEvents": 2, "MaxQueuedRequests": 2}}""");
        Write("appsettings.local.json", """{"Millrace": {"MaxQueuedRequests": 3}}""");
        _tool.FurtherVariables["MILLRACE__CONSUMERS__WORKERS"] = "3";

        var answer = (await _tool.RunOk("config", "--environment", "Staging", "--changed", "--json")).Json;

        Assert.Equal(
            [
                "Millrace:Consumers:Workers = 3 from environment variable MILLRACE__CONSUMERS__WORKERS",
                "Millrace:MaxQueuedRequests = 3 from file appsettings.local.json",
                "Millrace:PageEvents = 1 from file appsettings.json",
                "Millrace:TailEvents = 2 from file appsettings.Staging.json",
            ],
            SettingsIn(answer).Where(static line => line.StartsWith("Millrace:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task All_errors_are_listed_and_the_exit_code_is_1()
    {
        Write("appsettings.json", """
            {"Millrace": {"PageEvents": "many", "Consumer": {"Workers": 2}, "Consumers": {"Workers": 65},
              "Archive": {"CacheByte": 1}, "Backup": {"TimeZone": "Mars/Olympus"}}}
            """);
        _tool.FurtherVariables["MILLRACE_CONSUMERS__RETRIES"] = "3";
        _tool.FurtherVariables["MILLRACE_STROE"] = "shop.db";

        var run = await _tool.Run("config");
        var answer = (await _tool.Run("config", "--json")).Json;

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            [
                "MILLRACE_CONSUMERS__RETRIES: there is no such variable. Did you mean 'MILLRACE__CONSUMERS__RETRIES'?",
                "MILLRACE_STROE: there is no such variable. Did you mean 'MILLRACE_STORE'?",
                "Millrace:Archive:CacheByte: there is no such setting. Did you mean 'CacheBytes'?",
                "Millrace:Backup:TimeZone: must be a time zone of this system, such as Europe/Berlin, but is "
                    + "'Mars/Olympus'.",
                "Millrace:Consumer: there is no such setting. Did you mean 'Consumers'?",
                "Millrace:Consumers:Workers: must be from 1 to 64, but is 65.",
                "Millrace:PageEvents: must be a whole number, but is 'many'.",
            ],
            answer.GetProperty("problems").EnumerateArray()
                .Select(static problem => $"{TextOf(problem, "key")}: {TextOf(problem, "message")}")
                .Order(StringComparer.Ordinal));
        Assert.False(answer.GetProperty("isValid").GetBoolean());
    }

    [Fact]
    public async Task Secrets_are_masked()
    {
        Write("appsettings.json", """{"Millrace": {"Backup": {"Passphrase": "correct horse battery"}}}""");
        _tool.FurtherVariables["MILLRACE_SHOP_PASSPHRASE"] = "a variable of the application";
        _tool.FurtherVariables["MILLRACE_TOKEN"] = "secret-token";
        _tool.FurtherVariables["MILLRACE_KEYS"] = "postgres://keys:hunter2@db/keys";

        var run = await _tool.RunOk("config", "--json");

        Assert.DoesNotContain("horse", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", run.Output, StringComparison.Ordinal);
        Assert.Contains("MILLRACE_TOKEN = *** from environment variable MILLRACE_TOKEN", SettingsIn(run.Json));
    }

    [Fact]
    public async Task A_file_that_is_not_JSON_and_a_missing_folder_are_reported()
    {
        Write("appsettings.json", """{"Millrace": {"PageEvents": }}""");

        var broken = await _tool.Run("config");
        var missing = await _tool.Run("config", "--folder", "nowhere");

        Assert.Equal((1, 3), (broken.ExitCode, missing.ExitCode));
        Assert.Contains("appsettings.json", broken.Error, StringComparison.Ordinal);
    }

    private void Write(string file, string text) => File.WriteAllText(_tool.File(file), text);

    private static List<string> SettingsIn(JsonElement answer) =>
    [
        .. answer.GetProperty("settings").EnumerateArray().Select(static setting =>
            $"{TextOf(setting, "key")} = {TextOf(setting, "value")} from {TextOf(setting, "source")}"),
    ];

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var text) ? text.GetString() : null;
}
