using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;

namespace Millrace.Cli.Commands;

/// <summary>Shows and stops erasures of personal data. It reads their events, and needs no keys.</summary>
internal static class ErasureCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("erasure", "Shows and stops erasures of personal data.")
        {
            Examples =
            [
                ("erasure list", "All erasures with their states"),
                ("erasure show request-17", "The steps and the verified places of one erasure"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Stop());
        foreach (var decision in ErasureDecisions.Create())
            command.Subcommands.Add(decision);
        return SetList(command);
    }

    private static ToolCommand SetList(ToolCommand command) => command.SetServerHandler(
        new ServerOptions(),
        static async (call, server, cancellationToken) =>
            ServerOutput.Write(call, ServerErasures.ListOf(await server.Get("/erasures", cancellationToken))),
        WriteList);

    private static ToolCommand List() => SetList(
        new ToolCommand("list", "Lists erasures, by id.")
        {
            Examples = [("erasure list --json", "For a program")],
        });

    private static ToolCommand Show()
    {
        var id = new Argument<string>("ID") { Description = "The id of the request." };
        var certificate = new Option<string?>("--certificate")
        {
            HelpName = "FILE",
            Description = "Also writes the certificate to a new file.",
        };
        var command = new ToolCommand("show", "Shows an erasure with its steps and the places that were read again.")
        {
            Examples =
            [
                ("erasure show request-17 --certificate request-17.json", "Writes the file for certificate verify"),
            ],
        };
        command.Arguments.Add(id);
        command.Options.Add(certificate);
        return command.SetServerHandler(
            new ServerOptions(),
            async (call, server, cancellationToken) =>
            {
                var route = "/erasures" + ServerClient.PathOf(call.Get(id));
                var erasure = ServerErasures.DetailsOf(await server.Get(route, cancellationToken));
                if (call.Get(certificate) is { } path)
                    await WriteNewFile(path, await server.GetText(route + "/certificate", cancellationToken));
                var code = ServerOutput.Write(call, erasure);
                WriteDone(call, call.Get(certificate));
                return code;
            },
            async (call, open, cancellationToken) =>
            {
                var erasure = await Find(open, call.Get(id), cancellationToken);
                if (call.Get(certificate) is { } path)
                    await WriteCertificate(erasure, path);
                if (call.IsJson)
                    JsonOutput.Object(call, writer => WriteDetails(writer, erasure));
                else
                    WriteDetails(call, erasure);
                WriteDone(call, call.Get(certificate));
                return ExitCode.Done;
            });
    }

    private static ToolCommand Stop()
    {
        var id = new Argument<string>("ID") { Description = "The id of the request." };
        var decision = new DecisionOptions(
            "The name of the user, which is recorded; by default the current user.",
            "The reason, without personal data.",
            requiresReason: true);
        var command = new ToolCommand(
            "stop", "Stops an erasure that cannot be completed. What it has erased is not restored; data can remain.")
        {
            Examples = [("erasure stop request-17 --reason \"key store lost\"", "While no node carries it out")],
        };
        command.Arguments.Add(id);
        decision.AddTo(command);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            ErasureInfo stopped;
            try
            {
                // The reason is required.
                stopped = await Erasures.Of(open.Store).Stop(
                    call.Get(id), decision.By(call), decision.Reason(call)!, cancellationToken);
            }
            catch (InvalidNameException exception)
            {
                throw new CliException(ExitCode.Usage, exception.Message);
            }
            catch (ErasureNotFoundException exception)
            {
                throw new CliException(ExitCode.NotFound, exception.Message);
            }
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteDetails(writer, stopped));
            else
                WriteDetails(call, stopped);
            return ExitCode.Done;
        });
    }

    private static async Task<ErasureInfo> Find(OpenStore open, string id, CancellationToken cancellationToken)
    {
        try
        {
            return await Erasures.Of(open.Store).Find(id, cancellationToken)
                ?? throw new CliException(ExitCode.NotFound, $"There is no erasure '{id}'.");
        }
        catch (InvalidNameException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
    }

    private static async Task WriteCertificate(ErasureInfo erasure, string path)
    {
        if (erasure.Certificate is not { } certificate)
            throw new CliException(ExitCode.NotFound, $"The erasure '{erasure.Request.Id}' has no certificate yet.");
        await WriteNewFile(path, certificate.ToFile() + "\n");
    }

    private static void WriteDone(ToolInvocation call, string? certificate)
    {
        if (!call.IsJson && certificate is not null)
            call.Line($"The certificate was written to '{certificate}'.");
    }

    /// <summary>Writes a file that does not exist yet.</summary>
    public static async Task WriteNewFile(string path, string text)
    {
        if (File.Exists(path))
            throw new CliException(ExitCode.Failed, $"File '{path}' exists.", "Give another name.");
        await File.WriteAllTextAsync(path, text);
    }

    private static async Task<ExitCode> WriteList(
        ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var all = await Erasures.Of(open.Store).List(cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Array(call, all, Write);
            return ExitCode.Done;
        }
        var rows = new TextTable("id", "subject", "kinds", "state", "requested", "~reason");
        foreach (var erasure in all)
        {
            rows.Add(
                erasure.Request.Id,
                erasure.Request.Subject,
                KindsOf(erasure),
                erasure.State.ToString(),
                EventView.TimeOf(erasure.Steps[0].At),
                erasure.Refusal ?? erasure.StopReason ?? erasure.Request.Reason);
        }
        rows.Write(call, "There are no erasures.");
        return ExitCode.Done;
    }

    private static void WriteDetails(ToolInvocation call, ErasureInfo erasure)
    {
        call.Line(
            $"{erasure.Request.Id}: {erasure.Request.Subject} ({KindsOf(erasure)}) is {erasure.State}. "
                + $"Requested by {erasure.Request.By}: {erasure.Request.Reason}");
        if (erasure.Refusal is { } refusal)
            call.Line(refusal);
        if (erasure.StopReason is { } stopped)
            call.Line($"Stopped: {stopped} Data can remain. To erase the rest, request another erasure.");
        var steps = new TextTable("step", "at", "by", "#position");
        foreach (var step in erasure.Steps)
            steps.Add(step.Name, EventView.TimeOf(step.At), step.By ?? "", TextTable.Number(step.Position));
        steps.Write(call);
        if (erasure.Verified.Count == 0)
            return;
        var places = new TextTable("place", "#rows", "#common", "#findings");
        foreach (var place in erasure.Verified)
        {
            places.Add(
                place.Name,
                TextTable.Number(place.Rows),
                TextTable.Number(place.CommonValues),
                TextTable.Number(place.Findings.Count));
        }
        places.Write(call);
        foreach (var place in erasure.Verified)
        {
            foreach (var finding in place.Findings)
                call.Line($"{place.Name}: {finding}");
        }
        if (erasure.Certificate is { } certificate)
            WriteOutOfReach(call, certificate);
    }

    private static void WriteOutOfReach(ToolInvocation call, ErasureCertificate certificate)
    {
        using var json = JsonDocument.Parse(certificate.Content);
        call.Line("Out of reach:");
        foreach (var place in json.RootElement.GetProperty("outOfReach").EnumerateArray())
            call.Line($"- {place.GetString()}");
    }

    private static void WriteDetails(Utf8JsonWriter writer, ErasureInfo erasure)
    {
        Write(writer, erasure);
        writer.WriteStartArray("steps"u8);
        foreach (var step in erasure.Steps)
        {
            writer.WriteStartObject();
            writer.WriteString("step"u8, step.Name);
            writer.WriteString("at"u8, step.At);
            if (step.By is not null)
                writer.WriteString("by"u8, step.By);
            writer.WriteNumber("position"u8, step.Position);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("verified"u8);
        foreach (var place in erasure.Verified)
        {
            writer.WriteStartObject();
            writer.WriteString("place"u8, place.Name);
            writer.WriteNumber("rows"u8, place.Rows);
            writer.WriteNumber("commonValues"u8, place.CommonValues);
            writer.WriteStartArray("findings"u8);
            foreach (var finding in place.Findings)
                writer.WriteStringValue(finding);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (erasure.Certificate is { } certificate)
            writer.WriteString("certificate"u8, certificate.ToFile());
    }

    private static void Write(Utf8JsonWriter writer, ErasureInfo erasure)
    {
        writer.WriteString("id"u8, erasure.Request.Id);
        writer.WriteString("subject"u8, erasure.Request.Subject);
        writer.WriteString("kinds"u8, KindsOf(erasure));
        writer.WriteString("state"u8, erasure.State.ToString());
        writer.WriteString("reason"u8, erasure.Request.Reason);
        writer.WriteString("by"u8, erasure.Request.By);
        if (erasure.Refusal is not null)
            writer.WriteString("refusal"u8, erasure.Refusal);
        if (erasure.StopReason is not null)
            writer.WriteString("stopReason"u8, erasure.StopReason);
    }

    private static string KindsOf(ErasureInfo erasure) =>
        erasure.Request.Kinds.Count == 0 ? "all" : string.Join(", ", erasure.Request.Kinds);
}
