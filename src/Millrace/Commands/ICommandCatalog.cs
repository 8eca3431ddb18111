using System.Text.Json;
using Millrace.Serialization;

namespace Millrace;

/// <summary>The commands of an application, for those that send what is only known by its name.</summary>
internal interface ICommandCatalog
{
    /// <summary>How commands are written as JSON.</summary>
    JsonSerializerOptions Json { get; }

    /// <summary>The command with a stable name, or null.</summary>
    CommandDefinition? FindCommand(string name);

    /// <summary>The command of a CLR type, or null.</summary>
    CommandDefinition? FindCommand(Type type);

    /// <summary>How a type is written as JSON; null when nothing says so.</summary>
    TypeDescription? Describe(Type type);
}
