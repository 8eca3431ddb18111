using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql;

/// <summary>A statement that grows with its parameters.</summary>
internal sealed class SqlText(string beginning)
{
    private readonly StringBuilder _text = new(beginning);
    private readonly List<NpgsqlParameter> _parameters = [];

    /// <summary>Adds a parameter and returns how the text names it.</summary>
    public string Parameter<T>(T value)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${_parameters.Count}";
    }

    /// <summary>Adds a parameter of a type that the value does not tell, or null.</summary>
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
