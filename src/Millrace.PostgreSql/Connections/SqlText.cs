using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Connections;

/// <summary>Builds a statement together with its parameters.</summary>
internal sealed class SqlText(string start)
{
    private readonly StringBuilder _text = new(start);
    private readonly List<NpgsqlParameter> _parameters = [];

    /// <summary>Adds a parameter, and returns its placeholder.</summary>
    public string Parameter<T>(T value)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${_parameters.Count}";
    }

    /// <summary>
    /// Adds a parameter with an explicit type, for null or a value whose type is ambiguous, and returns its
    /// placeholder.
    /// </summary>
    public string Parameter(object? value, NpgsqlDbType type)
    {
        _parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
        return $"${_parameters.Count}";
    }

    public SqlText Append(string text)
    {
        _text.Append(text);
        return this;
    }

    public NpgsqlCommand Command(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(_text.ToString(), connection);
        foreach (var parameter in _parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    public void AddTo(NpgsqlBatchCommand command)
    {
        foreach (var parameter in _parameters)
            command.Parameters.Add(parameter);
    }

    public override string ToString() => _text.ToString();
}
