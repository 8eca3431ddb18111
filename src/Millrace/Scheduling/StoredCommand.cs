using System.Text.Json;
using Millrace.Commands;
using Millrace.Security;
using Millrace.Serialization;

namespace Millrace.Scheduling;

/// <summary>Reads and writes the stable name and the JSON of stored commands.</summary>
internal static class StoredCommand
{
    /// <summary>Writes a command.</summary>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    /// <exception cref="InvalidOperationException">The command cannot be written as JSON.</exception>
    public static (string Name, JsonElement Body) Write(ICommandCatalog commands, object command)
    {
        var type = command.GetType();
        var definition = commands.FindCommand(type) ?? throw new HandlerNotFoundException(type);
        if (!commands.Json.TryGetTypeInfo(definition.CommandType, out var json))
        {
            throw new InvalidOperationException(
                $"The command '{definition.Name}' ({type.Name}) cannot be stored for a timer: add its JSON metadata to "
                    + "the model."
            );
        }
        return (definition.Name, JsonSerializer.SerializeToElement(command, json));
    }

    /// <summary>Reads a stored command.</summary>
    /// <exception cref="NotSupportedException">This build cannot send the command.</exception>
    public static (CommandDefinition Definition, object Command) Read(
        ICommandCatalog commands, string name, JsonElement body)
    {
        var definition =
            commands.FindCommand(name)
            ?? throw new NotSupportedException($"This build has no command '{name}'.");
        if (!commands.Json.TryGetTypeInfo(definition.CommandType, out var json))
            throw new NotSupportedException($"This build has no JSON metadata for the command '{name}'.");
        try
        {
            return (definition, JsonSerializer.Deserialize(body, json)!); // A command is never null.
        }
        catch (JsonException exception)
        {
            throw new NotSupportedException($"The command '{name}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Checks a command that a user wrote, and returns it as its type serializes it.</summary>
    /// <exception cref="InvalidCommandException">The command is unknown, its JSON is not valid, or its validation
    /// refuses it.</exception>
    public static JsonElement Check(ICommandCatalog commands, string name, JsonElement body)
    {
        var definition = commands.FindCommand(name)
            ?? throw new InvalidCommandException(name, "the model has no command of that name.");
        if (body.ValueKind != JsonValueKind.Object)
            throw new InvalidCommandException(name, "its JSON must be an object.");
        if (commands.Describe(definition.CommandType) is { Form: TypeForm.Object } description)
            CheckMembers(name, body, description);
        try
        {
            var (_, command) = Read(commands, name, body);
            if (definition.ProblemsOf(command) is { Count: > 0 } problems)
                throw new InvalidCommandException(
                    name, string.Join(" ", problems.Select(problem => $"{problem.Member}: {problem.Message}")));
            return Write(commands, command).Body;
        }
        catch (Exception exception)
            when (exception
                    is NotSupportedException
                        or ArgumentException
                        or MillraceException
                        and not InvalidCommandException)
        {
            throw new InvalidCommandException(name, exception.Message);
        }
    }

    /// <summary>
    /// Checks the permission to send a command before the command is stored. No check takes place when it is sent.
    /// </summary>
    /// <exception cref="AccessDeniedException">The permission is missing.</exception>
    public static ValueTask Demand(
        ICommandCatalog commands,
        string name,
        JsonElement body,
        CommandAccess? access,
        CancellationToken cancellationToken) =>
        access is null
            ? ValueTask.CompletedTask
            : AccessCheck.Demand(
                access.Authorizers, name, Read(commands, name, body).Command, access.User, cancellationToken);

    /// <summary>Refuses unknown members, because a misspelt member would otherwise be ignored.</summary>
    private static void CheckMembers(string name, JsonElement body, TypeDescription description)
    {
        foreach (var member in body.EnumerateObject())
        {
            if (!description.Members.Any(known => known.Name == member.Name))
                throw new InvalidCommandException(name, $"it has no member '{member.Name}'.");
        }
        foreach (var member in description.Members)
        {
            if (!member.IsRequired)
                continue;
            if (!body.TryGetProperty(member.Name, out var value))
                throw new InvalidCommandException(name, $"its member '{member.Name}' is missing.");
            if (value.ValueKind == JsonValueKind.Null && !member.AllowsNull)
                throw new InvalidCommandException(name, $"its member '{member.Name}' must not be null.");
        }
    }
}
