using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Millrace.Cli;

/// <summary>The options that select events of the log. Missing options do not restrict the selection.</summary>
internal sealed class FilterOptions
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(100_000);

    private readonly Option<string[]> _types = new("--type", "-t")
    {
        HelpName = "TYPE",
        Description = "Only events of this type; repeatable for several types.",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<Tag[]> _tags = new("--tag")
    {
        HelpName = "NAME:VALUE",
        Description = "Only events with this tag; repeatable, then an event must have all tags.",
        CustomParser = ParseTags,
    };

    private readonly Option<string?> _stream = new("--stream")
    {
        HelpName = "PREFIX",
        Description = "Only events of streams with this prefix.",
    };

    private readonly Option<string?> _source = new("--source")
    {
        HelpName = "NAME",
        Description = "Only events from this source.",
    };

    private readonly Option<Guid?> _correlation = new("--correlation")
    {
        HelpName = "ID",
        Description = "Only events of this conversation.",
    };

    private readonly Option<DateTimeOffset?> _since = new("--since")
    {
        HelpName = "TIME",
        Description =
            "Only events recorded at this time or later: 2011-12-05, 2011-12-05T10:22:01Z, or an age: 90s, 15m, 2h, "
                + "7d.",
        CustomParser = ParseTime,
    };

    private readonly Option<DateTimeOffset?> _before = new("--before")
    {
        HelpName = "TIME",
        Description = "Only events recorded before this time.",
        CustomParser = ParseTime,
    };

    /// <summary>Adds the options to a command.</summary>
    public FilterOptions AddTo(Command command)
    {
        foreach (var option in (Option[])[_types, _tags, _stream, _source, _correlation, _since, _before])
            command.Options.Add(option);
        return this;
    }

    /// <summary>Returns the filter from the options.</summary>
    public EventFilter Of(ToolInvocation call) => new()
    {
        Types = call.Get(_types) ?? [],
        Tags = call.Get(_tags) ?? [],
        StreamPrefix = call.Get(_stream),
        Source = call.Get(_source),
        CorrelationId = call.Get(_correlation),
        From = call.Get(_since),
        To = call.Get(_before),
    };

    /// <summary>Parses tags and reports an invalid one.</summary>
    public static Tag[] ParseTags(ArgumentResult result)
    {
        try
        {
            return [.. result.Tokens.Select(token => Tag.Parse(token.Value))];
        }
        catch (InvalidNameException exception)
        {
            result.AddError(exception.Message);
            return [];
        }
    }

    /// <summary>Parses a time or an age; returns null for any other text.</summary>
    public static DateTimeOffset? TimeOf(string text)
    {
        if (DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time))
            return time;
        return ParseAge(text) is { } age ? TimeProvider.System.GetUtcNow() - age : null;
    }

    public static DateTimeOffset? ParseTime(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (TimeOf(text) is { } time)
            return time;
        result.AddError(
            $"'{text}' is not a time: use 2011-12-05, 2011-12-05T10:22:01Z, or an age, such as 90s, 15m, 2h or 7d."
        );
        return null;
    }

    public static TimeSpan? ParseAge(string text)
    {
        if (text.Length < 2
            || !int.TryParse(
                text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return null;
        TimeSpan? unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        // Later calculations with times do not overflow.
        return unit is { } one && count <= MaxAge / one ? one * count : null;
    }
}
