using System.Text.Json;
using Millrace.Serialization;

namespace Millrace.Commands;

/// <summary>A catalog of an application's commands, for callers that know a command only by its name.</summary>
internal interface ICommandCatalog
{
    /// <summary>Gets the JSON options for commands.</summary>
    JsonSerializerOptions Json { get; }

    /// <summary>Finds the command with a stable name; null if there is no such command.</summary>
    CommandDefinition? FindCommand(string name);

    /// <summary>Finds the command with a CLR type; null if there is no such command.</summary>
    CommandDefinition? FindCommand(Type type);

    /// <summary>Describes the JSON of a type; null if it is unknown.</summary>
    TypeDescription? Describe(Type type);
}
