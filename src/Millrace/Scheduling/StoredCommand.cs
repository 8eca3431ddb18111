using System.Text.Json;
using Millrace.Serialization;

namespace Millrace;

/// <summary>Commands as they are kept for a time: by their stable name and as JSON.</summary>
internal static class StoredCommand
{
    /// <summary>Writes a command.</summary>
    /// <exception cref="HandlerNotFoundException">No handler is registered for it.</exception>
    /// <exception cref="InvalidOperationException">It cannot be written as JSON.</exception>
    public static (string Name, JsonElement Body) Write(ICommandCatalog commands, object command)
    {
        var type = command.GetType();
        var definition = commands.FindCommand(type) ?? throw new HandlerNotFoundException(type);
        if (!commands.Json.TryGetTypeInfo(definition.CommandType, out var json))
        {
            throw new InvalidOperationException(
                $"The command '{definition.Name}' ({type.Name}) cannot be kept for a timer: add its JSON metadata to "
                    + $"the model."
            );
        }
        return (definition.Name, JsonSerializer.SerializeToElement(command, json));
    }

    /// <summary>Reads a command that is to be sent.</summary>
    /// <exception cref="NotSupportedException">This build cannot send it.</exception>
    public static (CommandDefinition Definition, object Command) Read(
        ICommandCatalog commands, string name, JsonElement body)
    {
        var definition =
            commands.FindCommand(name)
            ?? throw new NotSupportedException($"There is no command '{name}' in this build.");
        if (!commands.Json.TryGetTypeInfo(definition.CommandType, out var json))
            throw new NotSupportedException($"The command '{name}' has no JSON metadata in this build.");
        try
        {
            return (definition, JsonSerializer.Deserialize(body, json)!); // A command is never null.
        }
        catch (JsonException exception)
        {
            throw new NotSupportedException($"The command '{name}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Checks what a person wrote: the command as its type writes it.</summary>
    /// <exception cref="InvalidCommandException">There is no such command, the JSON is none, or its validation refuses
    /// it.</exception>
    public static JsonElement Check(ICommandCatalog commands, string name, JsonElement body)
    {
        var definition = commands.FindCommand(name)
            ?? throw new InvalidCommandException(name, "there is no command of that name in the model.");
        if (body.ValueKind != JsonValueKind.Object)
            throw new InvalidCommandException(name, "its JSON must be an object.");
        if (commands.Describe(definition.CommandType) is { Form: TypeForm.Object } description)
            CheckMembers(name, body, description);
        try
        {
            var (_, command) = Read(commands, name, body);
            if (definition.ProblemsOf(command) is { Count: > 0 } problems)
                throw new InvalidCommandException(
                    name, string.Join(" ", problems.Select(one => $"{one.Member}: {one.Message}")));
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

    /// <summary>Asks whether somebody may send a command that is to be stored: when it is sent, nobody is
    /// asked.</summary>
    /// <exception cref="AccessDeniedException">They may not.</exception>
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

    /// <summary>A misspelt member would be read as one that is left out: a person is told.</summary>
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
