using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;

namespace Millrace.Cli.Commands;

/// <summary>Asks a running application whether it is ready for production.</summary>
internal static class ReadinessCommand
{
    public static Command Create()
    {
        var server = new ServerOptions();
        var command = new ToolCommand("readiness", "Checks whether a running application is ready for production.")
        {
            Examples =
            [
                ("readiness --server https://shop.example", "Each question with its answer; exit code 1 for a no"),
                ("readiness --server https://shop.example --json", "For a pipeline"),
            ],
        };
        server.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            using var client = server.Find(call)
                ?? throw new CliException(
                    ExitCode.Usage, "readiness needs --server: only the running application knows the answers.");
            var report = await client.Get("/readiness", cancellationToken);
            if (call.IsJson)
                ServerOutput.Write(call, report);
            else
                Write(call, report);
            return report.GetProperty("isReady").GetBoolean() ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static void Write(ToolInvocation call, JsonElement report)
    {
        var table = new TextTable("id", "answer", "question", "reason");
        var items = report.GetProperty("items").EnumerateArray().ToList();
        foreach (var item in items)
            table.Add(Text(item, "id"), AnswerOf(item), Text(item, "question"), Text(item, "reason"));
        table.Write(call);
        var open = items.Where(static item => item.TryGetProperty("remedy", out _)).ToList();
        if (open.Count > 0)
            call.Line("What to do:");
        foreach (var item in open)
            call.Line($"- {Text(item, "id")}: {Text(item, "remedy")}");
        call.Line(report.GetProperty("isReady").GetBoolean()
            ? "The application is ready for production."
            : "The application is not ready for production.");
    }

    private static string AnswerOf(JsonElement item) => Text(item, "answer") switch
    {
        "yes" => "yes",
        "no" => "NO",
        "notUsed" => "not used",
        var other => other,
    };

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString() ?? "";
}
