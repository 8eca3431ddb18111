using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Shared.Settings;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Moves;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>Writes errors to standard error, as text or as JSON, and returns the exit code.</summary>
internal static class ErrorReport
{
    /// <summary>Runs a command and maps its exceptions to an exit code.</summary>
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
            return ExitCode.Done; // The reader of the output, such as head, has closed the pipe.
        }
#pragma warning disable CA1031 // The top of the program reports all errors in one form.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Report(call, exception);
        }
    }

    /// <summary>Reports an error in the command line.</summary>
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
        var option = unknown is null ? UnknownOption(parsed) : null;
        var message = unknown is null
            ? (option is null ? null : $"'{option}' is not an option of '{command}'.")
                ?? Missing(parsed) ?? string.Join(" ", parsed.Errors.Select(error => Describe(error.Message)))
            : $"'{unknown}' is not a command.";
        var similar = unknown is null ? SuggestOption(parsed, option) : SuggestCommand(parsed, unknown);
        var suggestion = similar is null ? "" : $"Did you mean '{similar}'? ";
        Write(call, ExitCode.Usage, "Usage", message, $"{suggestion}Try '{command} --help'.");
        return ExitCode.Usage;
    }

    /// <summary>Returns the first word of a command line that calls no command.</summary>
    private static string? UnknownCommand(ParseResult parsed) =>
        parsed.CommandResult.Command == parsed.RootCommandResult.Command && parsed.UnmatchedTokens is [var first, ..]
            ? first
            : null;

    /// <summary>Returns the first unknown word that has the form of a long option, without its value.</summary>
    private static string? UnknownOption(ParseResult parsed) =>
        parsed.UnmatchedTokens
            .FirstOrDefault(token => token.Length > 2 && token.StartsWith("--", StringComparison.Ordinal))
            ?.Split('=')[0];

    private static string? SuggestCommand(ParseResult parsed, string unknown) =>
        NameSuggestions.To(unknown, parsed.RootCommandResult.Command.Subcommands.Select(command => command.Name));

    private static string? SuggestOption(ParseResult parsed, string? unknown) =>
        unknown is null ? null
            : NameSuggestions.To(unknown, parsed.CommandResult.Command.Options
                .Concat(parsed.RootCommandResult.Command.Options.Where(option => option.Recursive))
                .Where(option => !option.Hidden)
                .Select(option => option.Name));

    /// <summary>Returns a message for a missing argument or command. The parser's own message has no names.</summary>
    private static string? Missing(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var isGroup = command.Action is null && command.Subcommands.Count > 0;
        if (isGroup && parsed.CommandResult.Children.All(child => child is not CommandResult))
            return $"'{command.Name}' requires a subcommand: "
                + $"{string.Join(", ", command.Subcommands.Select(one => one.Name))}.";
        var missing = parsed
            .CommandResult.Children.OfType<ArgumentResult>()
            .Where(result => result.Tokens.Count == 0 && result.Argument.Arity.MinimumNumberOfValues > 0)
            .Select(result => result.Argument)
            .Concat(
                command.Arguments.Where(argument =>
                    argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is null))
            .FirstOrDefault();
        return missing is null ? null : $"'{command.Name}' needs <{missing.Name}>: {missing.Description}";
    }

    /// <summary>Replaces names of .NET types in the parser's messages.</summary>
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
                "Run 'millrace upgrade' to upgrade it. Applications of older versions cannot open it afterwards: keep "
                    + "a copy of the file.",
            ReadModelBuildException { IsBlockedByDeadLetters: true } =>
                "To switch anyway, repeat the command with --even-with-dead-letters.",
            ReadModelBuildException buildException =>
                "For the status of read models and builds: millrace projections. To build this one beside: millrace "
                    + $"projections rebuild {buildException.ReadModel} --beside",
            SqlException =>
                "For the views: millrace sql \"SELECT * FROM views\". For the columns of one: DESCRIBE events",
            AccessDeniedException { Permission: not null } =>
                "For the reason: millrace access explain. To use the rights of the system: --system",
            BackupException { Problem: BackupProblem.RestoredStore } =>
                "To continue the backups with this store: millrace backup PLACE --continue-backup",
            BackupException when exception.Message.Contains("passphrase", StringComparison.Ordinal) =>
                $"Set {BackupPlaces.PassphraseVariable} to the passphrase with which the backup was written.",
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
            StoreMoveException or KeyNotLostException or CapacityConflictException => ExitCode.Conflict,
            ShardMapException or ShardIdentityException or ShardsPartlyChangedException => ExitCode.Conflict,
            ShardNotFoundException => ExitCode.NotFound,
            NotAcrossShardsException => ExitCode.Usage,
            ShardUnavailableException => ExitCode.Store,
            DeadLetterNotFoundException => ExitCode.NotFound,
            StreamNotFoundException or AccessGrantNotFoundException => ExitCode.NotFound,
            StorageException or ArchiveException => ExitCode.Store,
            InvalidNameException or AccessRightException or SqlException => ExitCode.Usage,
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
