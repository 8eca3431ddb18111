using Site;

// Site SOURCE OUTPUT: makes the site of a repository's pages; exit code 1 when a link leads nowhere.
if (args is not [var source, var output])
{
    Console.Error.WriteLine("Site SOURCE OUTPUT");
    return 2;
}

var dead = new SiteBuild(Path.GetFullPath(source), Path.GetFullPath(output)).Run();
foreach (var link in dead)
    Console.Error.WriteLine(link);
Console.Error.WriteLine(
    dead.Count == 0 ? $"The site is in {output}: open {Path.Combine(output, "index.html")}" : $"{dead.Count} links lead nowhere.");
return dead.Count == 0 ? 0 : 1;
