using System.CommandLine;
using System.Text;

namespace Millrace.Cli;

/// <summary>The options for a new payload of a dead letter.</summary>
internal sealed class PayloadOptions
{
    private readonly Option<string?> _data = new("--data", "-d")
    {
        HelpName = "TEXT",
        Description = "The new payload.",
    };
    private readonly Option<string?> _file = new("--file")
    {
        HelpName = "FILE",
        Description = "The file with the new payload.",
    };

    public PayloadOptions AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_file);
        return this;
    }

    /// <summary>Returns the payload, or null when none is specified.</summary>
    /// <exception cref="CliException">The payload is specified twice, or the file does not exist.</exception>
    public async Task<byte[]?> Read(ToolInvocation call, CancellationToken cancellationToken) =>
        (call.Get(_data), call.Get(_file)) switch
        {
            (null, null) => null,
            ({ } text, null) => Encoding.UTF8.GetBytes(text),
            (null, { } path) => await InputFile.ReadPayload(path, cancellationToken),
            _ => throw new CliException(ExitCode.Usage, "Specify the payload with either --data or --file."),
        };

    /// <summary>
    /// Returns the payload in the form of the dead letter's event: JSON in UTF-8 without a byte order mark. The payload
    /// of an event in application/cbor may be JSON.
    /// </summary>
    /// <exception cref="CliException">The payload does not match the event's content type, or its byte order
    /// mark.</exception>
    public async Task<byte[]> Decode(
        ToolInvocation call, byte[] payload, DeadLetters letters, long id, CancellationToken cancellationToken)
    {
        var source = call.Get(_file) is { } path ? $"'{path}'" : "--data";
        var view = await letters.Show(id, cancellationToken);
        if (view.Event is not { } recorded)
            return payload; // The event was removed from the log, which is reported elsewhere.
        // For application/cbor, the service converts JSON to CBOR and rejects anything else. For other CBOR types it
        // accepts only bytes.
        if (recorded.ContentType == EventContentType.Cbor)
            return TextDecoder.HasByteOrderMark(payload) ? TextDecoder.ToUtf8(payload, source) : payload;
        return PayloadValidator.Check(
            payload, recorded.ContentType, source, "Correct it: the event has this content type.");
    }
}
