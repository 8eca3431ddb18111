using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Millrace.Cli.Tests;

/// <summary>Tests which build of an application is used, and the error when it cannot be used.</summary>
public sealed class BuildTests : IDisposable
{
    private readonly Tool _tool = new();

    private static string Shop => Tool.ProgramFile("Commerce");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_build_is_specified_by_its_assembly_or_by_its_folder()
    {
        var byFile = await _tool.RunOk("schema", "list", "--build", Shop, "--json");
        var byFolder = await _tool.RunOk("schema", "list", "-b", Path.GetDirectoryName(Shop)!, "--json");

        Assert.Equal(byFile.Output, byFolder.Output);
        Assert.Contains(byFile.Json.EnumerateArray(), type =>
            type.GetProperty("type").GetString() == "customer.registered"
            && type.GetProperty("class").GetString() == "Commerce.Customers.CustomerRegistered"
            && type.GetProperty("schemaVersion").GetInt32() == 1);
    }

    [Fact]
    public async Task Without_the_JSON_option_the_types_of_a_build_are_printed_as_a_table()
    {
        var run = await _tool.RunOk("schema", "list", "--build", Shop);

        Assert.Contains(run.Lines, line =>
            line.Contains("customer.registered", StringComparison.Ordinal)
            && line.Contains("Commerce.Customers.CustomerRegistered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_line_without_a_build_is_invalid()
    {
        var run = await _tool.Run("schema", "list");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--build", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_build_is_reported_as_not_found()
    {
        var run = await _tool.Run("schema", "list", "--build", "nowhere.dll", "--json");

        Assert.Equal(3, run.ExitCode);
        Assert.Equal("notFound", run.ErrorJson.GetProperty("error").GetString());
        Assert.Contains("nowhere.dll", run.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_several_builds_is_refused_and_the_error_names_them()
    {
        foreach (var name in new[] { "one", "two" })
        {
            await File.WriteAllTextAsync(_tool.File(name + ".dll"), "");
            await File.WriteAllTextAsync(_tool.File(name + ".runtimeconfig.json"), "{}");
        }

        var run = await _tool.Run("schema", "list", "--build", _tool.Directory);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("one.dll, two.dll", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_an_assembly_is_refused()
    {
        await File.WriteAllTextAsync(_tool.File("notes.dll"), "no assembly");

        var run = await _tool.Run("schema", "list", "--build", _tool.File("notes.dll"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cannot be loaded", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assembly_without_a_model_is_reported()
    {
        var run = await _tool.Run(
            "schema", "list", "--build", Path.Combine(AppContext.BaseDirectory, "Millrace.Sqlite.dll"));

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("has no model", run.Error, StringComparison.Ordinal);
        Assert.Contains("[Model]", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_of_another_version_of_Millrace_is_refused()
    {
        CopyShop();
        RequireOtherVersion(_tool.File("Commerce.dll"), major: 7);

        var run = await _tool.Run("schema", "list", "--build", _tool.File("Commerce.dll"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("was built with Millrace 7.", run.Error, StringComparison.Ordinal);
        Assert.Contains("dotnet tool install", run.Error, StringComparison.Ordinal);
    }

    private void CopyShop()
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Shop)!))
            File.Copy(file, _tool.File(Path.GetFileName(file)));
    }

    /// <summary>Changes a compiled assembly so that it refers to another version of Millrace.</summary>
    private static void RequireOtherVersion(string file, ushort major)
    {
        var bytes = File.ReadAllBytes(file);
        int offset;
        using (var image = new PEReader(new MemoryStream(bytes)))
        {
            var metadata = image.GetMetadataReader();
            var row = metadata.AssemblyReferences.ToList().FindIndex(
                handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name) == "Millrace");
            offset = image.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
                + (row * metadata.GetTableRowSize(TableIndex.AssemblyRef));
        }
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(offset), major); // The first column of a row.
        File.WriteAllBytes(file, bytes);
    }
}
