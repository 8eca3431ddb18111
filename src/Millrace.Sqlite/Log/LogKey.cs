using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Log;

/// <summary>A key to look up in a source: a number, a text or an id.</summary>
internal readonly record struct LogKey(long Number, string? Text, Guid? Id)
{
    public void Bind(Statement statement, int index)
    {
        if (Text is not null)
            statement.Bind(index, Text);
        else if (Id is not null)
            statement.Bind(index, Id);
        else
            statement.Bind(index, Number);
    }
}
