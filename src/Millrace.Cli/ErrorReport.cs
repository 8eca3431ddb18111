using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>Says on standard error what went wrong, for people or as JSON, and which exit code it has.</summary>
internal static class ErrorReport
{
    /// <summary>Runs a command and turns what it throws into an exit code.</summary>
    public static async Task<ExitCode> RunGuarded(
        ParseResult parsed,
        Func<ToolInvocation, CancellationToken, Task<ExitCode>> action,
        CancellationToken cancellationToken)
    {
        var call = new ToolInvocation(parsed);
        try
        {
            var code = await action(call, cancellationToken);
            call.Dispose();
            return code;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException exception) when (IsBrokenPipe(exception))
        {
            return ExitCode.Done; // Whoever reads our output, such as head, has enough.
        }
#pragma warning disable CA1031 // The top of the program: whatever it is, the caller is told in one form.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Report(call, exception);
        }
    }

    /// <summary>Says what is wrong with the command line.</summary>
    public static ExitCode WrongUsage(ParseResult parsed)
    {
        if (parsed.Tokens.Count == 0)
        {
            parsed.RootCommandResult.Command.Parse("--help").Invoke();
            return ExitCode.Usage;
        }
        using var call = new ToolInvocation(parsed);
        var command = string.Join(' ', CommandPath(parsed).Reverse());
        var unknown = UnknownCommand(parsed);
        var message = unknown is null
            ? Missing(parsed) ?? string.Join(" ", parsed.Errors.Select(error => Describe(error.Message)))
            : $"'{unknown}' is not a command of the tool.";
        Write(call, ExitCode.Usage, "Usage", message, $"{SuggestNames(parsed, unknown)}Try '{command} --help'.");
        return ExitCode.Usage;
    }

    /// <summary>The first word of a command line that calls no command of the tool.</summary>
    private static string? UnknownCommand(ParseResult parsed) =>
        parsed.CommandResult.Command == parsed.RootCommandResult.Command && parsed.UnmatchedTokens is [var first, ..]
            ? first
            : null;

    private static string SuggestNames(ParseResult parsed, string? unknown)
    {
        if (unknown is null)
            return "";
        var names = parsed.RootCommandResult.Command.Subcommands.Select(command => command.Name);
        return NameSuggestions.To(unknown, names) is { } near ? $"Did you mean '{near}'? " : "";
    }

    /// <summary>What the command needs and did not get: the parser names neither.</summary>
    private static string? Missing(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var isGroup = command.Action is null && command.Subcommands.Count > 0;
        if (isGroup && parsed.CommandResult.Children.All(child => child is not CommandResult))
            return $"'{command.Name}' needs a command: "
                + $"{string.Join(", ", command.Subcommands.Select(one => one.Name))}.";
        var missing = parsed
            .CommandResult.Children.OfType<ArgumentResult>()
            .Where(given => given.Tokens.Count == 0 && given.Argument.Arity.MinimumNumberOfValues > 0)
            .Select(given => given.Argument)
            .Concat(
                command.Arguments.Where(argument =>
                    argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is null))
            .FirstOrDefault();
        return missing is null ? null : $"'{command.Name}' needs <{missing.Name}>: {missing.Description}";
    }

    /// <summary>The parser names the types of .NET.</summary>
    private static string Describe(string message) => message
        .Replace(" as expected type 'System.Int32'", ": it must be a whole number", StringComparison.Ordinal)
        .Replace(" as expected type 'System.Int64'", ": it must be a whole number", StringComparison.Ordinal)
        .Replace(" as expected type 'System.Double'", ": it must be a number", StringComparison.Ordinal)
        .Replace(" as expected type 'System.Guid'", ": it must be a GUID", StringComparison.Ordinal);

    private static IEnumerable<string> CommandPath(ParseResult parsed)
    {
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
            yield return result.Command.Name;
    }

    private static ExitCode Report(ToolInvocation call, Exception exception)
    {
        var code = CodeOf(exception);
        var name = exception is CliException
            ? code.ToString()
            : exception.GetType().Name.Replace("Exception", "", StringComparison.Ordinal);
        Write(call, code, name, exception.Message, (exception as CliException)?.Hint ?? HintFor(exception));
        return code;
    }

    private static string? HintFor(Exception exception) =>
        exception switch
        {
            StorageException { Problem: StorageProblem.TooOld } =>
                "To bring it up to date: millrace upgrade. Applications of the version before cannot open it after "
                    + "that: keep a copy of the "
                    + "file.",
            ReadModelBuildException refused
                when refused.Message.Contains("take over even so", StringComparison.Ordinal) =>
                "To have it take over even so: the same command with --even-with-dead-letters.",
            ReadModelBuildException refused =>
                "How read models and their builds stand: millrace projections. To build this one beside: "
                    + $"millrace projections rebuild {refused.ReadModel} --beside",
            _ => null,
        };

    private static ExitCode CodeOf(Exception exception) =>
        exception switch
        {
            CliException cli => cli.Code,
            VersionConflictException
            or EventIdConflictException
            or StreamDeletedException
            or ConditionFailedException
            or ClaimTakenException => ExitCode.Conflict,
            DeadLetterConflictException
            or DeadLetterRefusedException
            or RecordedTimeException
            or ConsumerResetRefusedException => ExitCode.Conflict,
            StoreMoveException => ExitCode.Conflict,
            DeadLetterNotFoundException => ExitCode.NotFound,
            StreamNotFoundException => ExitCode.NotFound,
            StorageException => ExitCode.Store,
            InvalidNameException => ExitCode.Usage,
            _ => ExitCode.Failed,
        };

    private static void Write(ToolInvocation call, ExitCode code, string name, string message, string? hint)
    {
        if (!call.IsJson)
        {
            call.Errors.Write(new Text(TerminalText.Of(message) + Environment.NewLine, new Style(Color.Red)));
            if (hint is not null)
                call.Errors.Write(new Text(TerminalText.Of(hint) + Environment.NewLine));
            return;
        }
        using var stream = System.Console.OpenStandardError();
        using (
            var writer = new Utf8JsonWriter(
                stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("error"u8, JsonNamingPolicy.CamelCase.ConvertName(name));
            writer.WriteString("message"u8, message);
            if (hint is not null)
                writer.WriteString("hint"u8, hint);
            writer.WriteNumber("exitCode"u8, (int)code);
            writer.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    private static bool IsBrokenPipe(IOException exception) =>
        exception.HResult == 32 || exception.Message.Contains("Broken pipe", StringComparison.Ordinal);
}
