using System.CommandLine;
using System.Text;
using System.Text.Json;
using Millrace.Serialization;

namespace Millrace.Cli;

/// <summary>The options that make up an event to append.</summary>
internal sealed class EventOptions
{
    private readonly Option<string> _type = new("--type", "-t")
    {
        HelpName = "TYPE",
        Description = "The type's stored name, such as order.placed.",
        Required = true,
    };
    private readonly Option<string?> _data = new("--data", "-d") { HelpName = "TEXT", Description = "The payload." };
    private readonly Option<string?> _file = new("--file")
    {
        HelpName = "FILE",
        Description =
            "The file that holds the payload; standard input if neither this nor --data is given, or for '-'.",
    };

    private readonly Option<string> _contentType = new("--content-type")
    {
        HelpName = "TYPE",
        Description = "The media type of the payload; the --data of application/cbor is given as JSON.",
        DefaultValueFactory = _ => EventContentType.Json,
    };

    private readonly Option<int> _schemaVersion = new("--schema-version")
    {
        HelpName = "N",
        Description = "Which shape of the type it is.",
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
        Description = "A tag to find it by; may be repeated.",
        CustomParser = FilterOptions.ParseTags,
    };

    private readonly Option<string> _source = new("--source")
    {
        HelpName = "NAME",
        Description = "The source that is noted.",
        DefaultValueFactory = _ => "millrace-cli",
    };
    private readonly Option<string?> _user = new("--user")
    {
        HelpName = "NAME",
        Description = "The user on whose behalf it happened.",
    };
    private readonly Option<Guid?> _correlation = new("--correlation")
    {
        HelpName = "ID",
        Description = "The conversation it belongs to.",
    };
    private readonly Option<Guid?> _causation = new("--causation")
    {
        HelpName = "ID",
        Description = "The message that caused it.",
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

    /// <summary>The event that was described, with its payload and an id.</summary>
    public async Task<NewEvent> Read(ToolInvocation call, CancellationToken cancellationToken)
    {
        var payload = await ReadPayload(call, cancellationToken);
        if (call.Get(_schemaVersion) < 1)
            throw new CliException(ExitCode.Usage, "--schema-version counts from 1.");
        // Both have a value: required, and by default.
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
            throw new CliException(ExitCode.Usage, "Give --data or --file, not both.");
        var type = call.Get(_contentType)!; // It has a default.
        if (data is not null)
            return type == EventContentType.Cbor
                ? AsCbor(data)
                : PayloadValidator.Check(Encoding.UTF8.GetBytes(data), type, "--data");
        if (file is null or "-")
        {
            if (file is null && !Console.IsInputRedirected)
                throw new CliException(
                    ExitCode.Usage,
                    "No payload was given.",
                    "Give it with --data TEXT, --file FILE, or on standard input.");
            using var input = Console.OpenStandardInput();
            return PayloadValidator.Check(
                await InputFile.ReadPayload(input, cancellationToken), type, "Standard input");
        }
        return PayloadValidator.Check(await InputFile.ReadPayload(file, cancellationToken), type, $"'{file}'");
    }

    /// <summary>Nobody types CBOR: it is given as the JSON that it means.</summary>
    private static byte[] AsCbor(string json)
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
                "Give CBOR as the JSON it means, or its bytes with --file FILE.");
        }
    }
}
