using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Appends one event.</summary>
internal static class AppendCommand
{
    public static Command Create()
    {
        var stream = new Argument<string>("stream")
        {
            Description = "The stream to append to. It is created if it does not exist.",
        };
        var expect = new Option<ExpectedVersion>("--expect", "-e")
        {
            HelpName = "VERSION",
            Description = "The version the stream must have: any (the default), none, exists, or a number.",
            CustomParser = ParseExpected,
            DefaultValueFactory = _ => ExpectedVersion.Any,
        };
        var create = new Option<bool>("--create") { Description = "Creates the store if its file does not exist." };
        var anyName = new Option<bool>(
            "--any-name")
        { Description = "Creates a stream even if its name contains spaces or control characters." };
        var eventOptions = new EventOptions();
        var command = new ToolCommand(
            "append",
            "Appends one event, also while an application uses the store. Its payload must be what the content type "
                + "states."
        )
        {
            Examples =
            [
                ("append order-42 --type order.noted --data '{\"note\":\"call first\"}'", "From the command line"),
                (
                    "append order-42 --type order.scanned --file scan.png --content-type image/png",
                    "The bytes of a file"),
                (
                    "append order-42 --type order.noted --expect 3 < note.json",
                    "From standard input, if the stream is at version 3"),
                (
                    "append order-42 --type order.noted --id 0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4 --data '{}'",
                    "Repeating it with the same id changes nothing"),
            ],
        };
        command.Arguments.Add(stream);
        command.Options.Add(expect);
        command.Options.Add(create);
        command.Options.Add(anyName);
        eventOptions.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var id = new StreamId(call.Get(stream));
            var newEvent = await eventOptions.Read(call, cancellationToken);
            await using var open = call.Get(create)
                ? await OpenStore.OpenOrCreate(StoreLocator.Find(call), call.Time, cancellationToken)
                : await OpenStore.Existing(call, cancellationToken);
            if (!call.Get(anyName))
                await RejectLikelyTypo(open, id, cancellationToken);
            var result = await open.Store.Append(id, call.Get(expect), [newEvent], cancellationToken);
            Answer(call, id, newEvent, result);
            return ExitCode.Done;
        });
    }

    /// <summary>
    /// Rejects a new stream whose name contains a space or a control character. In a shell, such a name is usually a
    /// mistake, such as a missing quote or a copied line break.
    /// </summary>
    private static async Task RejectLikelyTypo(OpenStore open, StreamId stream, CancellationToken cancellationToken)
    {
        var index = stream
            .Value.ToList()
            .FindIndex(character => char.IsWhiteSpace(character) || char.IsControl(character));
        if (index < 0 || await open.Store.GetStream(stream, cancellationToken) is not null)
            return;
        throw new CliException(
            ExitCode.Usage,
            $"The stream name \"{TerminalText.OneLine(stream.Value)}\" has a space or a control character at character "
                + $"{index + 1}, and this stream does not exist.",
            "Correct the name, or create the stream with --any-name.");
    }

    private static void Answer(ToolInvocation call, StreamId stream, NewEvent newEvent, AppendResult result)
    {
        if (!call.IsJson)
        {
            var version = result.Version.ToString(CultureInfo.InvariantCulture);
            call.Line(
                result.WasRepeated
                    ? $"This event is already in {stream} at version {version}. Nothing was changed."
                    : $"{stream} is at version {version}, position "
                        + $"{result.Position.ToString(CultureInfo.InvariantCulture)}."
            );
            return;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteString("stream"u8, stream.Value);
            writer.WriteString("id"u8, newEvent.Id!.Value); // EventOptions always sets an id.
            writer.WriteNumber("version"u8, result.Version);
            writer.WriteNumber("position"u8, result.Position);
            writer.WriteString("token"u8, result.Token.ToString());
            writer.WriteBoolean("wasRepeated"u8, result.WasRepeated);
        });
    }

    private static ExpectedVersion ParseExpected(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        switch (text)
        {
            case "any": return ExpectedVersion.Any;
            case "none" or "0": return ExpectedVersion.NoStream;
            case "exists": return ExpectedVersion.StreamExists;
        }
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0)
            return ExpectedVersion.Exactly(version);
        result.AddError($"'{text}' is not an expected version: use any, none, exists, or a number from 1.");
        return ExpectedVersion.Any;
    }
}
