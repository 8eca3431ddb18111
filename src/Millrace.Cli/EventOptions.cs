using System.CommandLine;
using System.Text;
using System.Text.Json;
using Millrace.Serialization;

namespace Millrace.Cli;

/// <summary>The options that define an event to append.</summary>
internal sealed class EventOptions
{
    private readonly Option<string> _type = new("--type", "-t")
    {
        HelpName = "TYPE",
        Description = "The stored name of the event type, such as order.placed.",
        Required = true,
    };
    private readonly Option<string?> _data = new("--data", "-d") { HelpName = "TEXT", Description = "The payload." };
    private readonly Option<string?> _file = new("--file")
    {
        HelpName = "FILE",
        Description =
            "The file with the payload. Standard input is read for '-', or without --file and --data.",
    };

    private readonly Option<string> _contentType = new("--content-type")
    {
        HelpName = "TYPE",
        Description = "The media type of the payload. For application/cbor, --data is JSON.",
        DefaultValueFactory = _ => EventContentType.Json,
    };

    private readonly Option<int> _schemaVersion = new("--schema-version")
    {
        HelpName = "N",
        Description = "The schema version of the payload.",
        DefaultValueFactory = _ => 1,
    };
    private readonly Option<Guid?> _id = new("--id")
    {
        HelpName = "ID",
        Description = "The event's id; a new one by default.",
    };

    private readonly Option<Tag[]> _tags = new("--tag")
    {
        HelpName = "NAME:VALUE",
        Description = "A tag of the event; repeatable.",
        CustomParser = FilterOptions.ParseTags,
    };

    private readonly Option<string> _source = new("--source")
    {
        HelpName = "NAME",
        Description = "The source to record.",
        DefaultValueFactory = _ => "millrace-cli",
    };
    private readonly Option<string?> _user = new("--user")
    {
        HelpName = "NAME",
        Description = "The user to record.",
    };
    private readonly Option<Guid?> _correlation = new("--correlation")
    {
        HelpName = "ID",
        Description = "The id of the conversation.",
    };
    private readonly Option<Guid?> _causation = new("--causation")
    {
        HelpName = "ID",
        Description = "The id of the message that caused it.",
    };

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _type,
            _data,
            _file,
            _contentType,
            _schemaVersion,
            _id,
            _tags,
            _source,
            _user,
            _correlation,
            _causation,
        ];
        foreach (var option in options)
            command.Options.Add(option);
    }

    /// <summary>Returns the event with its payload and an id.</summary>
    public async Task<NewEvent> Read(ToolInvocation call, CancellationToken cancellationToken)
    {
        var payload = await ReadPayload(call, cancellationToken);
        if (call.Get(_schemaVersion) < 1)
            throw new CliException(ExitCode.Usage, "--schema-version must be at least 1.");
        // The type is a required option, and the content type has a default value.
        return NewEvent.FromBytes(call.Get(_type)!, payload, call.Get(_contentType)!) with
        {
            Id = call.Get(_id) ?? Guid.CreateVersion7(call.Time.GetUtcNow()),
            SchemaVersion = call.Get(_schemaVersion),
            Tags = [.. call.Get(_tags) ?? []],
            Metadata = new EventMetadata { Source = call.Get(_source), UserId = call.Get(_user) },
            CorrelationId = call.Get(_correlation),
            CausationId = call.Get(_causation),
        };
    }

    private async Task<byte[]> ReadPayload(ToolInvocation call, CancellationToken cancellationToken)
    {
        var (data, file) = (call.Get(_data), call.Get(_file));
        if (data is not null && file is not null)
            throw new CliException(ExitCode.Usage, "--data and --file cannot be combined.");
        var type = call.Get(_contentType)!; // The option has a default value.
        if (data is not null)
            return type == EventContentType.Cbor
                ? ToCbor(data)
                : PayloadValidator.Check(Encoding.UTF8.GetBytes(data), type, "--data");
        if (file is null or "-")
        {
            if (file is null && !Console.IsInputRedirected)
                throw new CliException(
                    ExitCode.Usage,
                    "No payload was specified.",
                    "Specify it with --data TEXT, --file FILE, or on standard input.");
            using var input = Console.OpenStandardInput();
            return PayloadValidator.Check(
                await InputFile.ReadPayload(input, cancellationToken), type, "Standard input");
        }
        return PayloadValidator.Check(await InputFile.ReadPayload(file, cancellationToken), type, $"'{file}'");
    }

    /// <summary>Returns the CBOR of a payload that the command line specifies as JSON.</summary>
    private static byte[] ToCbor(string json)
    {
        try
        {
            return CborJson.FromJson(Encoding.UTF8.GetBytes(json));
        }
        catch (JsonException exception)
        {
            throw new CliException(
                ExitCode.Usage,
                $"--data is not JSON: {exception.Message}",
                "Specify CBOR as equivalent JSON, or its bytes with --file FILE.");
        }
    }
}
