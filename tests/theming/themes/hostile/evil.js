(window.ran ||= []).push("file");
