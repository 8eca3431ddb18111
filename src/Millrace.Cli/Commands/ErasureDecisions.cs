using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Cli.Servers;

namespace Millrace.Cli.Commands;

/// <summary>
/// Requests and approves erasures, holds and releases data subjects, and exports their data. Only a running application
/// can do this, because it has the keys and checks the rights of the user.
/// </summary>
internal static class ErasureDecisions
{
    private const string Server = "--server https://shop.example";

    public static IEnumerable<ToolCommand> Create() => [Request(), Approve(), Hold(), Release(), Export()];

    private static ToolCommand Request()
    {
        var id = new Argument<string>("ID")
        {
            Description = "The id of the request: lower-case letters, digits and dashes.",
        };
        var (subject, reason) = (Subject(), Reason());
        var kinds = new Option<string[]>("--kind")
        {
            HelpName = "NAME",
            Description = "A kind of data to erase; all by default. Can be repeated.",
        };
        var command = new ToolCommand("request", "Requests an erasure, and counts the data. It must be approved.")
        {
            Examples =
            [
                ($"erasure request request-17 customer-42 --reason 'asked by letter' {Server}", "All kinds of data"),
            ],
        };
        command.Arguments.Add(id);
        command.Arguments.Add(subject);
        command.Options.Add(kinds);
        command.Options.Add(reason);
        return Send(command, ServerErasures.DetailsOf, call =>
        {
            var body = Body(call, subject, reason);
            body["id"] = call.Get(id);
            if (call.Get(kinds) is { Length: > 0 } names)
                body["kinds"] = new JsonArray([.. names.Select(static name => (JsonNode)name)]);
            return ("/erasures", body);
        });
    }

    private static ToolCommand Approve()
    {
        var id = new Argument<string>("ID") { Description = "The id of the request." };
        var command = new ToolCommand(
            "approve", "Approves an erasure, and carries it out. A repeated call continues an interrupted erasure.")
        {
            Examples = [($"erasure approve request-17 {Server}", "Waits until the erasure is verified")],
        };
        command.Arguments.Add(id);
        return Send(
            command,
            ServerErasures.DetailsOf,
            call => ($"/erasures{ServerClient.PathOf(call.Get(id))}/approve", []));
    }

    private static ToolCommand Hold()
    {
        var (subject, reason) = (Subject(), Reason());
        var until = new Option<DateTimeOffset?>("--until")
        {
            HelpName = "TIME",
            Description = "When the hold ends, such as 2031-12-05; by default when it is released.",
        };
        var command = new ToolCommand("hold", "Places a legal hold on a data subject, which prevents its erasure.")
        {
            Examples = [($"erasure hold customer-42 --reason lawsuit {Server}", "Until it is released")],
        };
        command.Arguments.Add(subject);
        command.Options.Add(reason);
        command.Options.Add(until);
        return Send(command, static hold => hold, call =>
        {
            var body = Body(call, subject, reason);
            if (call.Get(until) is { } time)
                body["until"] = time;
            return ("/legal-holds", body);
        });
    }

    private static ToolCommand Release()
    {
        var (subject, reason) = (Subject(), Reason());
        var command = new ToolCommand("release", "Releases all legal holds on a data subject.")
        {
            Examples = [($"erasure release customer-42 --reason settled {Server}", "The subject can be erased again")],
        };
        command.Arguments.Add(subject);
        command.Options.Add(reason);
        return Send(
            command,
            static _ => ServerErasures.ElementOf(new JsonObject { ["released"] = true }),
            call => ("/legal-holds/release", Body(call, subject, reason)));
    }

    private static ToolCommand Export()
    {
        var subject = Subject();
        var output = new Argument<string>("FILE")
        {
            Description = "The new file; a page if its name ends with .html, otherwise JSON.",
        };
        var command = new ToolCommand("export", "Writes all data of a data subject to a new file.")
        {
            Examples = [($"erasure export customer-42 customer-42.json {Server}", "Recorded in the audit trail")],
        };
        command.Arguments.Add(subject);
        command.Arguments.Add(output);
        return SetHandler(command, async (call, server, cancellationToken) =>
        {
            var file = call.Get(output);
            if (File.Exists(file)) // Checked before the export, because each export is recorded.
                throw new CliException(ExitCode.Usage, $"File '{file}' exists.", "Give another name.");
            var route = ServerClient.WithQuery(
                $"/subjects{ServerClient.PathOf(call.Get(subject))}/export",
                ("format", file.EndsWith(".html", StringComparison.OrdinalIgnoreCase) ? "html" : null));
            await ErasureCommand.WriteNewFile(file, await server.PostForText(route, [], cancellationToken));
            return ServerOutput.Write(call, ServerErasures.ElementOf(new JsonObject { ["file"] = file }));
        });
    }

    private static Argument<string> Subject() =>
        new("SUBJECT") { Description = "The data subject, such as customer-42." };

    private static Option<string> Reason() => new("--reason")
    {
        HelpName = "TEXT",
        Description = "The reason, without personal data. It is recorded.",
        Required = true,
    };

    private static JsonObject Body(ToolInvocation call, Argument<string> subject, Option<string> reason) => new()
    {
        ["subject"] = call.Get(subject),
        ["reason"] = call.Get(reason),
    };

    private static ToolCommand Send(
        ToolCommand command,
        Func<JsonElement, JsonElement> outputOf,
        Func<ToolInvocation, (string Path, JsonObject Body)> request) =>
        SetHandler(command, async (call, server, cancellationToken) =>
        {
            var (path, body) = request(call);
            return ServerOutput.Write(call, outputOf(await server.Post(path, body, cancellationToken)));
        });

    private static ToolCommand SetHandler(
        ToolCommand command, Func<ToolInvocation, ServerClient, CancellationToken, Task<ExitCode>> send)
    {
        var options = new ServerOptions();
        options.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            using var server = options.Find(call)
                ?? throw new CliException(
                    ExitCode.Usage,
                    "--server is missing: only a running application can do this.",
                    "Its routes for operators must allow decisions.");
            return await send(call, server, cancellationToken);
        });
    }
}
