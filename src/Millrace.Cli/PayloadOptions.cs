using System.CommandLine;
using System.Text;

namespace Millrace.Cli;

/// <summary>The options that give a dead letter another payload.</summary>
internal sealed class PayloadOptions
{
    private readonly Option<string?> _data = new("--data", "-d")
    {
        HelpName = "TEXT",
        Description = "The payload to handle instead.",
    };
    private readonly Option<string?> _file = new("--file")
    {
        HelpName = "FILE",
        Description = "The file that holds it.",
    };

    public PayloadOptions AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_file);
        return this;
    }

    /// <summary>The payload; null when none is given.</summary>
    /// <exception cref="CliException">It is given twice, or its file is not there.</exception>
    public async Task<byte[]?> Read(ToolInvocation call, CancellationToken cancellationToken) =>
        (call.Get(_data), call.Get(_file)) switch
        {
            (null, null) => null,
            ({ } text, null) => Encoding.UTF8.GetBytes(text),
            (null, { } path) => await InputFile.ReadPayload(path, cancellationToken),
            _ => throw new CliException(ExitCode.Usage, "Give the payload with --data or with --file."),
        };

    /// <summary>
    /// Returns the payload as the event of a dead letter would hold it: JSON in UTF-8 without a byte order mark. The
    /// payload of an event in application/cbor may be JSON.
    /// </summary>
    /// <exception cref="CliException">The payload is not of the content type of the event, or not in the encoding of
    /// its mark.</exception>
    public async Task<byte[]> Decode(
        ToolInvocation call, byte[] payload, DeadLetters letters, long id, CancellationToken cancellationToken)
    {
        var what = call.Get(_file) is { } path ? $"'{path}'" : "--data";
        var view = await letters.Show(id, cancellationToken);
        if (view.Event is not { } recorded)
            return payload; // Removed from the log, which is another error.
        // The service reads JSON as CBOR of this type, and refuses what is neither. Of other types of CBOR it takes the
        // bytes.
        if (recorded.ContentType == EventContentType.Cbor)
            return TextDecoder.HasByteOrderMark(payload) ? TextDecoder.ToUtf8(payload, what) : payload;
        return PayloadValidator.Check(
            payload, recorded.ContentType, what, "Correct it: the event has this content type.");
    }
}
